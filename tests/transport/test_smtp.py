"""Sending e-mails to an SMTP server: the message, TLS and logins."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
import trustme

from transport.smtp_scene import OPS, SENDER, ZOE, Serve, hand_over, server_at
from unit.mail.test_text import HOSTILE, made_email
from webhooks.mail.smtp import SmtpBackend
from webhooks.mail.smtp.messages import written
from webhooks.mail.text import Email, Handover
from webhooks_local.certificates import Certificates


def test_an_email_arrives_as_it_was_written(serve: Serve) -> None:
    server = serve()

    assert hand_over(server.port) == Handover(taken=frozenset([OPS, ZOE]))

    (taken,) = server.taken()
    assert (taken.sender, taken.recipients, taken.tls, taken.user) == (SENDER.addr_spec, [OPS, ZOE], False, None)
    message = taken.message
    assert {name: str(value) for name, value in message.items()} == {
        "From": "Zoë's Ringback <ringback@mails.example>",
        "To": f"{OPS}, {ZOE}",
        "Subject": "Instagram was unlinked from Zoë's shop",
        "Date": "Mon, 05 Jan 2026 10:00:00 +0000",
        "Message-ID": "<sga1I90M3zybt6LOOFdQ@mails.example>",
        "Auto-Submitted": "auto-generated",
        "Content-Type": 'text/plain; charset="utf-8"',
        "Content-Transfer-Encoding": message["Content-Transfer-Encoding"],
        "MIME-Version": "1.0",
    }
    assert message.get_content() == made_email().text
    assert taken.content.replace("\r\n", "").isprintable()
    assert max(map(len, taken.content.splitlines())) <= 78


def test_an_email_sent_again_is_the_same_message(serve: Serve) -> None:
    """A mail program that gets it twice, after a crash in between, can recognize it."""
    server = serve()
    for _ in range(2):
        hand_over(server.port)
    first, second = server.taken()
    assert first.content == second.content


def test_a_line_with_a_dot_does_not_end_the_message(serve: Serve) -> None:
    server = serve()
    text = ".\r\n..\r\nMAIL FROM:<x@example.com>\r\n.\r\n"
    dotted = Email("id", datetime(2026, 1, 5, tzinfo=UTC), (OPS,), "subject", text.replace("\r\n", "\n"))
    SmtpBackend(server_at(server.port), SENDER).send(dotted, [OPS], monotonic() + 60)
    (taken,) = server.taken()
    assert taken.content.endswith(f"\r\n\r\n{text}")


@pytest.mark.parametrize("hostile", HOSTILE)
def test_text_of_others_cannot_begin_a_header(hostile: str) -> None:
    """Neither in the message as sent, nor as another program parses it."""
    event = {"platform": hostile or "x", "displayName": hostile, "details": {"message": hostile}}
    content = written(made_email(hostile, **event), SENDER).as_bytes()
    assert content.isascii()
    head, _, _ = content.partition(b"\r\n\r\n")
    begun = [line.partition(b":")[0] for line in head.split(b"\r\n") if not line.startswith(b" ")]
    usual = written(made_email(), SENDER)
    assert begun == [name.encode() for name in usual]
    message = email.message_from_bytes(content, policy=email.policy.default)
    assert message.keys() == usual.keys()
    assert message["To"] == usual["To"]
    assert message.defects == []
    assert len(str(message["Subject"]).splitlines()) == 1


@pytest.mark.parametrize(
    ("form", "options"),
    [
        ("smtp://127.0.0.1:{port}", {}),
        ("smtp://localhost:{port}?starttls=required", {}),
        ("smtp://127.0.0.1:{port}", {"demands_tls": True}),
        ("smtps://127.0.0.1:{port}", {"implicit_tls": True}),
    ],
)
def test_tls_is_used_if_the_server_offers_it(
    serve: Serve, certificates: Certificates, form: str, options: Mapping[str, Any]
) -> None:
    server = serve(tls=True, **options)
    assert hand_over(server.port, form, ca=certificates.authority).reason is None
    assert [taken.tls for taken in server.taken()] == [True]


def test_tls_can_be_disabled_by_the_operator(serve: Serve) -> None:
    server = serve(tls=True)
    assert hand_over(server.port, "smtp://127.0.0.1:{port}?starttls=no").reason is None
    assert [taken.tls for taken in server.taken()] == [False]


def test_required_tls_is_never_left_out(serve: Serve) -> None:
    server = serve()
    handover = hand_over(server.port, "smtp://127.0.0.1:{port}?starttls=required")
    assert handover == Handover(reason="SMTPNotSupportedError")
    assert server.taken() == []


@pytest.mark.parametrize(
    ("form", "options"),
    [
        ("smtp://u:p@127.0.0.1:{port}", {"login": ["u", "p"]}),
        ("smtps://127.0.0.1:{port}", {"implicit_tls": True}),
    ],
)
def test_an_untrusted_certificate_gets_no_email(serve: Serve, form: str, options: Mapping[str, Any]) -> None:
    """Neither an e-mail nor a password."""
    server = serve(tls=True, **options)
    assert hand_over(server.port, form) == Handover(reason="SSLCertVerificationError")
    assert server.taken() == []


def test_a_certificate_for_another_name_gets_no_email(serve: Serve, tmp_path: Path) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    leaf = authority.issue_cert("mail.example")
    leaf.private_key_and_cert_chain_pem.write_to_path(str(tmp_path / "leaf.pem"))
    server = serve(certificate=str(tmp_path / "leaf.pem"))
    assert hand_over(server.port, ca=tmp_path / "ca.pem") == Handover(reason="SSLCertVerificationError")
    assert server.taken() == []


@pytest.mark.parametrize("tls", [True, False])
def test_a_client_with_credentials_logs_in(serve: Serve, certificates: Certificates, *, tls: bool) -> None:
    """Unencrypted on this machine only; config/smtp_url.py refuses other servers."""
    server = serve(tls=tls, login=["ops@acme", "p/w"], demands_tls=tls)
    handover = hand_over(server.port, "smtp://ops%40acme:p%2Fw@127.0.0.1:{port}", ca=certificates.authority)
    assert handover.reason is None
    assert [(taken.user, taken.tls) for taken in server.taken()] == [("ops@acme", tls)]
