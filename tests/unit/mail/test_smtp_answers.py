"""Answers of common SMTP servers: which are final for a recipient, and which for a message."""

from __future__ import annotations

import pytest

from webhooks.mail.smtp.answers import Answer

OF_THE_RECIPIENT = [
    (550, b"5.1.1 <ops@acme.example>: Recipient address rejected: User unknown in virtual mailbox table"),
    (550, b"5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup"),
    (550, b"5.2.1 The email account that you tried to reach is disabled."),
    (552, b"5.2.2 mailbox full"),
    (553, b"5.1.3 The recipient address <ops@acme> is not a valid RFC 5321 address."),
    (511, b"sorry, no mailbox here by that name (#5.1.1)"),
    (550, b"Unrouteable address"),
    (550, b""),
]
OF_THE_SETTINGS = [
    (554, b"5.7.1 <ops@acme.example>: Relay access denied"),
    (550, b"5.7.54 SMTP; Unable to relay recipient in non-accepted domain"),
    (550, b"5.7.60 SMTP; Client does not have permissions to send as this sender"),
    (553, b"5.7.1 <ringback@mails.example>: Sender address rejected: not owned by user ringback"),
    (550, b"5.7.26 Unauthenticated email from mails.example is not accepted due to domain's DMARC policy."),
    (553, b"sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)"),
    (553, b"5.1.8 <ringback@localhost>: Sender address rejected: Domain not found"),
    (504, b"5.5.2 <localhost>: Helo command rejected: need fully-qualified hostname"),
    (554, b"5.2.252 SendAsDenied; user@mails.example not allowed to send as ringback@mails.example"),
    (530, b"5.7.0 Must issue a STARTTLS command first"),
    (535, b"authentication failed"),
]
OF_THE_MESSAGE = [
    (550, b"5.7.1 Message rejected as spam by content filtering."),
    (554, b"5.7.0 Reject, id=12345-01 - SPAM"),
    (552, b"5.3.4 Message size exceeds fixed limit"),
    (554, b"rejected"),
]
OF_THE_SENDER = [answer for answer in OF_THE_SETTINGS if b"5.7.1" not in answer[1]]
NOT_FINAL = [
    (421, b"4.3.2 Service shutting down"),
    (450, b"4.7.1 Greylisted"),
    (451, b""),
    (452, b"4.3.1 Insufficient system storage"),
]


@pytest.mark.parametrize(("code", "text"), OF_THE_RECIPIENT)
def test_a_recipient_is_refused_for_good_by_a_permanent_code(code: int, text: bytes) -> None:
    """So is an answer without further codes: otherwise a removed mailbox would be tried for three days."""
    assert Answer(code, text).refuses_a_recipient()


@pytest.mark.parametrize(("code", "text"), OF_THE_SETTINGS + NOT_FINAL)
def test_an_error_of_the_settings_refuses_no_recipient(code: int, text: bytes) -> None:
    """It is an error of the operator, who has three days to correct it."""
    assert not Answer(code, text).refuses_a_recipient()


@pytest.mark.parametrize(("code", "text"), OF_THE_MESSAGE)
def test_a_message_is_refused_for_good_by_a_permanent_code(code: int, text: bytes) -> None:
    """It would count as spam or as too large in each of 76 tries."""
    assert Answer(code, text).refuses_a_message()


@pytest.mark.parametrize(("code", "text"), OF_THE_SENDER + NOT_FINAL)
def test_a_refused_sender_does_not_refuse_the_message(code: int, text: bytes) -> None:
    """Although some servers answer so only after the message."""
    assert not Answer(code, text).refuses_a_message()


@pytest.mark.parametrize(
    ("code", "text", "words"),
    [
        (550, b"5.1.1 <ops@acme.example> unknown", "550 5.1.1"),
        (553, b"sorry, not ops@acme.example (#5.7.1)", "553 5.7.1"),
        (550, b"ops@acme.example is unknown", "550"),
        (450, b"4.2.1\n4.2.1 ops@acme.example is busy", "450 4.2.1"),
        (550, b"10.5.1.1 is on a list", "550"),
    ],
)
def test_only_the_codes_of_an_answer_are_shown(code: int, text: bytes, words: str) -> None:
    assert str(Answer(code, text)) == words
