"""The answers of SMTP servers, and which recipients they concern."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from transport.smtp_scene import OPS, ZOE, Serve, hand_over
from webhooks.mail.text import Handover


@pytest.mark.parametrize(
    ("form", "options", "reason"),
    [
        ("smtp://u:wrong@127.0.0.1:{port}", {"login": ["u", "p"]}, "SMTPAuthenticationError, 535 5.7.8"),
        ("smtp://127.0.0.1:{port}", {"login": ["u", "p"]}, "SMTPSenderRefused, 530 5.7.0"),
        ("smtp://u:p@127.0.0.1:{port}", {}, "SMTPNotSupportedError"),
        ("smtp://127.0.0.1:{port}?starttls=no", {"tls": True, "demands_tls": True}, "SMTPSenderRefused, 530"),
    ],
)
def test_a_refused_login_does_not_refuse_the_email(
    serve: Serve, form: str, options: Mapping[str, Any], reason: str
) -> None:
    """The e-mail is sent when the operator has repaired the settings."""
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
def test_a_refusal_counts_for_the_recipient_that_it_names(
    serve: Serve, answers: Mapping[str, Any], handover: Handover
) -> None:
    """A code that begins with 5 is final, unless it concerns the settings. No address gets into the log."""
    server = serve(answers=answers)
    assert hand_over(server.port) == handover
    assert [taken.recipients for taken in server.taken()] == ([[ZOE]] if handover.taken else [])


@pytest.mark.parametrize("code", ["451", "550 5.7.1"])
def test_a_refused_sender_does_not_refuse_the_email(serve: Serve, code: str) -> None:
    """Even with a final code, as the operator can set another sender."""
    server = serve(answers={"MAIL": f"{code} not you"})
    assert hand_over(server.port) == Handover(reason=f"SMTPSenderRefused, {code}")
