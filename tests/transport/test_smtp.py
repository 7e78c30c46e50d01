"""Handing letters to a real SMTP server: with and without TLS and a login, refused, away, and hanging."""

from __future__ import annotations

import email
import email.policy
import errno
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack
from datetime import UTC, datetime
from email.headerregistry import Address
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
import trustme

from config.smtp_url import SmtpServer, parse_smtp_url
from mail_server import MailServer
from unit.mail.test_text import HOSTILE, made_email
from webhooks.errors import OutOfResources
from webhooks.mail.smtp import SmtpBackend, dialling
from webhooks.mail.smtp.messages import written
from webhooks.mail.text import Email, Handover
from webhooks_local.certificates import Certificates
from webhooks_local.machine import Machine
from webhooks_local.ports import free_port

SENDER = Address("Zoë's Ringback", "ringback", "mails.example")
OPS, ZOE = "ops@acme.example", "zoe@acme.example"
#: Seconds that a hand-over to a server that hangs is given; what comes before it hangs takes a fraction of them.
SHORT = 1.0
#: Seconds in which it has been given up; fewer than any other deadline.
LATEST = 15.0

Serve = Callable[..., MailServer]


@pytest.fixture
def serve(tmp_path: Path, certificates: Certificates) -> Iterator[Serve]:
    """Start an SMTP server, one that has a certificate if it is to speak TLS."""
    with ExitStack() as stack:

        def start(*, tls: bool = False, **options: Any) -> MailServer:
            if tls:
                options = {"certificate": str(certificates.receiver), **options}
            server: AbstractContextManager[MailServer] = MailServer(tmp_path, **options)
            return stack.enter_context(server)

        yield start


def server_at(port: int, form: str = "smtp://127.0.0.1:{port}") -> SmtpServer:
    server = parse_smtp_url(form.format(port=port))
    assert server is not None
    return server


def hand_over(
    port: int, form: str = "smtp://127.0.0.1:{port}", *, ca: Path | None = None, patience: float = 60.0
) -> Handover:
    """Hand a letter for two to the server at this port, which is named by an SMTP_URL of this form."""
    return SmtpBackend(server_at(port, form), SENDER, ca).send(made_email(), [OPS, ZOE], monotonic() + patience)


def test_a_letter_arrives_as_it_was_written(serve: Serve) -> None:
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


def test_a_letter_that_is_handed_over_again_is_the_same_message(serve: Serve) -> None:
    """Whoever gets it twice, after a crash in between, can see that it is one."""
    server = serve()
    for _ in range(2):
        hand_over(server.port)
    first, second = server.taken()
    assert first.content == second.content


def test_a_line_that_is_a_dot_ends_nothing(serve: Serve) -> None:
    server = serve()
    text = ".\r\n..\r\nMAIL FROM:<x@example.com>\r\n.\r\n"
    dotted = Email("id", datetime(2026, 1, 5, tzinfo=UTC), (OPS,), "subject", text.replace("\r\n", "\n"))
    SmtpBackend(server_at(server.port), SENDER).send(dotted, [OPS], monotonic() + 60)
    (taken,) = server.taken()
    assert taken.content.endswith(f"\r\n\r\n{text}")


@pytest.mark.parametrize("hostile", HOSTILE)
def test_nothing_that_others_wrote_begins_a_header(hostile: str) -> None:
    """Neither in a message as it is sent, nor as another program reads it."""
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
def test_what_can_be_encrypted_is(
    serve: Serve, certificates: Certificates, form: str, options: Mapping[str, Any]
) -> None:
    server = serve(tls=True, **options)
    assert hand_over(server.port, form, ca=certificates.authority).reason is None
    assert [taken.tls for taken in server.taken()] == [True]


def test_tls_can_be_left_out_if_the_operator_says_so(serve: Serve) -> None:
    server = serve(tls=True)
    assert hand_over(server.port, "smtp://127.0.0.1:{port}?starttls=no").reason is None
    assert [taken.tls for taken in server.taken()] == [False]


def test_tls_that_is_demanded_and_not_offered_is_not_done_without(serve: Serve) -> None:
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
def test_a_certificate_that_nobody_vouches_for_gets_nothing(
    serve: Serve, form: str, options: Mapping[str, Any]
) -> None:
    """Neither an e-mail nor a password."""
    server = serve(tls=True, **options)
    assert hand_over(server.port, form) == Handover(reason="SSLCertVerificationError")
    assert server.taken() == []


def test_a_certificate_for_another_name_gets_nothing(serve: Serve, tmp_path: Path) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    leaf = authority.issue_cert("mail.example")
    leaf.private_key_and_cert_chain_pem.write_to_path(str(tmp_path / "leaf.pem"))
    server = serve(certificate=str(tmp_path / "leaf.pem"))
    assert hand_over(server.port, ca=tmp_path / "ca.pem") == Handover(reason="SSLCertVerificationError")
    assert server.taken() == []


@pytest.mark.parametrize("tls", [True, False])
def test_whoever_has_a_login_logs_in(serve: Serve, certificates: Certificates, *, tls: bool) -> None:
    """In the clear on this machine alone: config/smtp_url.py sees to that."""
    server = serve(tls=tls, login=["ops@acme", "p/w"], demands_tls=tls)
    handover = hand_over(server.port, "smtp://ops%40acme:p%2Fw@127.0.0.1:{port}", ca=certificates.authority)
    assert handover.reason is None
    assert [(taken.user, taken.tls) for taken in server.taken()] == [("ops@acme", tls)]


@pytest.mark.parametrize(
    ("form", "options", "reason"),
    [
        ("smtp://u:wrong@127.0.0.1:{port}", {"login": ["u", "p"]}, "SMTPAuthenticationError, 535 5.7.8"),
        ("smtp://127.0.0.1:{port}", {"login": ["u", "p"]}, "SMTPSenderRefused, 530 5.7.0"),
        ("smtp://u:p@127.0.0.1:{port}", {}, "SMTPNotSupportedError"),
        ("smtp://127.0.0.1:{port}?starttls=no", {"tls": True, "demands_tls": True}, "SMTPSenderRefused, 530"),
    ],
)
def test_a_login_that_is_wrong_or_missing_is_no_fault_of_the_e_mail(
    serve: Serve, form: str, options: Mapping[str, Any], reason: str
) -> None:
    """It is sent when the operator has mended the settings."""
    server = serve(**options)
    assert hand_over(server.port, form) == Handover(reason=reason)
    assert server.taken() == []


@pytest.mark.parametrize(
    ("answers", "handover"),
    [
        (
            {"DATA": "550 5.7.1 spam"},
            Handover(refused=frozenset([OPS, ZOE]), reason="SMTPDataError, 550 5.7.1"),
        ),
        ({"DATA": "550 5.7.60 not you"}, Handover(reason="SMTPDataError, 550 5.7.60")),
        (
            {"DATA": "552 5.3.4 too big"},
            Handover(refused=frozenset([OPS, ZOE]), reason="SMTPDataError, 552 5.3.4"),
        ),
        ({"DATA": "452 4.3.1 full"}, Handover(reason="SMTPDataError, 452 4.3.1")),
        (
            {"RCPT": {OPS: f"550 5.1.1 <{OPS}> unknown", ZOE: "553 5.1.3 odd"}},
            Handover(refused=frozenset([OPS, ZOE]), reason="SMTPRecipientsRefused, 550 5.1.1, 553 5.1.3"),
        ),
        (
            {"RCPT": {OPS: "450 4.2.1 busy", ZOE: "550 5.1.1 unknown"}},
            Handover(refused=frozenset([ZOE]), reason="SMTPRecipientsRefused, 450 4.2.1, 550 5.1.1"),
        ),
        (
            {"RCPT": {OPS: "450 4.2.1 busy", ZOE: "450 4.2.1 busy"}},
            Handover(reason="SMTPRecipientsRefused, 450 4.2.1"),
        ),
        (
            {"RCPT": {OPS: "550 5.1.1 unknown"}},
            Handover(frozenset([ZOE]), frozenset([OPS]), "550 5.1.1"),
        ),
        ({"RCPT": {OPS: "450 4.2.1 busy"}}, Handover(frozenset([ZOE]), reason="450 4.2.1")),
        ({"RCPT": {OPS: "554 5.7.1 Relay access denied"}}, Handover(frozenset([ZOE]), reason="554 5.7.1")),
        (
            {"RCPT": {OPS: "554 5.7.1 Relay access denied", ZOE: "550 5.1.1 unknown"}},
            Handover(refused=frozenset([ZOE]), reason="SMTPRecipientsRefused, 554 5.7.1, 550 5.1.1"),
        ),
        ({"RCPT": {ZOE: "421 4.3.2 going down"}}, Handover(reason="SMTPRecipientsRefused, 421 4.3.2")),
    ],
)
def test_what_the_server_says_of_the_e_mail_counts_for_whom_it_says_it(
    serve: Serve, answers: Mapping[str, Any], handover: Handover
) -> None:
    """What begins with 5 is final, unless it is of the settings. No address gets into the log."""
    server = serve(answers=answers)
    assert hand_over(server.port) == handover
    assert [taken.recipients for taken in server.taken()] == ([[ZOE]] if handover.taken else [])


@pytest.mark.parametrize("code", ["451", "550 5.7.1"])
def test_a_sender_whom_the_server_does_not_take_is_no_fault_of_the_e_mail(serve: Serve, code: str) -> None:
    """Though it says so for good: the operator can set another."""
    server = serve(answers={"MAIL": f"{code} not you"})
    assert hand_over(server.port) == Handover(reason=f"SMTPSenderRefused, {code}")


def test_a_server_that_is_not_there_is_away() -> None:
    assert hand_over(free_port()) == Handover(reason="ConnectionRefusedError")


def test_a_name_without_an_address_is_a_server_that_is_away() -> None:
    assert hand_over(25, "smtp://mail.invalid") == Handover(reason="gaierror")


@pytest.mark.alone
def test_a_server_that_hangs_is_given_up_in_time(serve: Serve) -> None:
    server = serve()
    with Machine() as machine, server.frozen():
        handover = hand_over(server.port, patience=SHORT)
    assert handover == Handover(reason="SMTPServerDisconnected")
    assert machine.seconds < LATEST + machine.slack


@pytest.mark.alone
def test_a_server_that_hangs_with_the_last_answer_is_given_up_in_time(serve: Serve, tmp_path: Path) -> None:
    """It may have taken the e-mail. That cannot be known, so it will be handed over again, as the same message."""
    server = serve(waits_for=str(tmp_path / "never"))
    with Machine() as machine:
        handover = hand_over(server.port, patience=SHORT)
    assert handover == Handover(reason="SMTPServerDisconnected")
    assert machine.seconds < LATEST + machine.slack
    assert len(server.taken()) == 1


def test_a_server_that_is_slow_with_each_answer_is_given_up_in_time(serve: Serve) -> None:
    """Though no answer takes as long as that: there is one deadline for all of them."""
    server = serve(slow=0.7 * SHORT)
    assert hand_over(server.port, patience=SHORT) == Handover(reason="SMTPServerDisconnected")
    assert server.taken() == []


def test_a_server_may_take_longer_to_answer_than_to_be_connected_to(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It looks for spam before it takes an e-mail; whoever hangs up meanwhile sends it twice."""
    monkeypatch.setattr("webhooks.mail.smtp.dialling.CONNECT_TIMEOUT", 0.4)
    server = serve(slow=0.5)
    assert hand_over(server.port).taken == {OPS, ZOE}


@pytest.mark.alone
def test_a_server_may_take_longer_for_its_last_answer_than_for_all_before(
    serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webhooks.mail.smtp.exchange.GREETING_TIME", SHORT)
    server = serve(waits_for=str(tmp_path / "answer"))
    threading.Timer(1.2 * SHORT, (tmp_path / "answer").touch).start()
    with Machine() as machine:
        assert hand_over(server.port).taken == {OPS, ZOE}
    assert machine.seconds > SHORT


@pytest.mark.alone
def test_a_server_that_hangs_before_the_message_is_not_given_all_the_time(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webhooks.mail.smtp.exchange.GREETING_TIME", SHORT)
    server = serve()
    with Machine() as machine, server.frozen():
        assert hand_over(server.port).reason == "SMTPServerDisconnected"
    assert machine.seconds < LATEST + machine.slack


def test_nothing_is_handed_over_after_the_deadline(serve: Serve) -> None:
    """The claim may be another worker's by then: this one had been frozen."""
    server = serve()
    assert hand_over(server.port, patience=-1) == Handover(reason="TimeoutError")
    assert server.taken() == []


@pytest.mark.alone
def test_a_server_that_does_not_say_goodbye_is_not_waited_for(serve: Serve) -> None:
    """It has taken the e-mail; each moment more is one in which a crash would send it twice."""
    server = serve(hangs_at="QUIT")
    with Machine() as machine:
        assert hand_over(server.port).taken == {OPS, ZOE}
    assert machine.seconds < LATEST + machine.slack


def test_a_bundle_that_is_none_is_told_at_once(tmp_path: Path) -> None:
    """When the worker starts."""
    (tmp_path / "none.pem").write_text("none")
    with pytest.raises(OSError, match="no certificate"):
        SmtpBackend(server_at(25), SENDER, tmp_path / "none.pem")


@pytest.mark.parametrize("name", ["EMFILE", "ENFILE", "ENOBUFS", "ENOMEM", "EADDRNOTAVAIL"])
def test_a_connection_that_this_machine_has_no_means_for_is_no_try(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(getattr(errno, name), "")

    monkeypatch.setattr(dialling, "_connected", refuse)
    told: list[str] = []
    backend = SmtpBackend(server_at(free_port()), SENDER, on_shortage=told.append)
    with pytest.raises(OutOfResources):
        backend.send(made_email(), [OPS], monotonic() + SHORT)
    assert told == [name]


def test_a_server_that_only_ipv6_would_reach_is_away_where_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """The system says the same as without local ports. Such a try counts, or it would be made for ever."""

    def refuse(*_: object) -> None:
        raise OSError(errno.EADDRNOTAVAIL, "")

    monkeypatch.setattr(dialling, "_connected", refuse)
    monkeypatch.setattr(dialling, "has_source_address", lambda *_: False)
    assert hand_over(free_port()) == Handover(reason="OSError")
