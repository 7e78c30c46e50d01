"""The recipients of an e-mail: each address once, and none again after a final refusal."""

from __future__ import annotations

import pytest

from stores import Store
from unit.mail.mail_scene import AWAY, FIRST, REFUSED, SECOND, MailScene
from webhooks.accounts.account import AccountChange
from webhooks.mail.text import Handover


@pytest.fixture
def scene(store: Store) -> MailScene:
    return MailScene(store)


def test_alternative_addresses_replace_the_accounts_own(scene: MailScene) -> None:
    """They are read when it is sent, each gets it once, and all are listed."""
    scene.unlink()
    change = AccountChange(alt_emails=("x@example.com", "y@example.com", "x@example.com"))
    scene.store.accounts.change_account(scene.account, change)
    scene.send_all_that_is_due()
    ((email, recipients),) = scene.backend.sent
    assert list(email.addresses) == recipients == ["x@example.com", "y@example.com"]


def test_an_account_whose_plan_has_no_webhooks_gets_the_email_too(scene: MailScene) -> None:
    """It is about the account, not about the plan."""
    scene.store.accounts.change_account(scene.account, AccountChange(plan="free"))
    scene.unlink()
    scene.send_all_that_is_due()
    assert len(scene.backend.sent) == 1


def test_no_email_is_sent_about_a_removed_profile(scene: MailScene) -> None:
    mail_id = scene.unlink()
    profile = scene.store.accounts.profile(scene.profile)
    assert profile is not None
    scene.store.accounts.remove_profile(profile)
    assert scene.send_all_that_is_due() == [
        {"event": "mail.canceled", "log_level": "info", "mail_id": mail_id, "account": scene.account}
    ]
    assert scene.backend.sent == []
    assert scene.store.mails_ended() == {"canceled": 1}


def test_an_email_refused_for_good_ends_and_is_logged(scene: MailScene) -> None:
    scene.unlink()
    scene.backend.answers = [REFUSED]
    (log,) = scene.send_all_that_is_due()
    assert (log["log_level"], log["ending"], log["refused"]) == ("error", "refused", 1)
    assert log["reason"] == "SMTPRecipientsRefused, 550 5.1.1"
    assert scene.store.mails_ended() == {"refused": 1}


def test_a_recipient_that_has_the_email_does_not_get_it_again(scene: MailScene) -> None:
    """One address accepts it, one refuses it for good, and one is tried again later."""
    scene.unlink()
    scene.store.accounts.change_account(scene.account, AccountChange(alt_emails=(FIRST, SECOND, "c@example.com")))
    scene.backend.answers = [Handover(frozenset([SECOND]), frozenset([FIRST]), "550, 451")]

    (log,) = scene.send_all_that_is_due()
    assert (log["log_level"], log["taken"], log["refused"], log["left"]) == ("warning", 1, 1, 1)
    scene.store.clock.advance(log["next_in"])
    (log,) = scene.send_all_that_is_due()

    assert [recipients for _, recipients in scene.backend.sent] == [
        [FIRST, SECOND, "c@example.com"],
        ["c@example.com"],
    ]
    assert (log["log_level"], log["ending"], log["taken"], log["refused"]) == ("error", "sent", 2, 1)
    assert scene.store.mails_ended() == {"sent": 1}


def test_an_address_that_refused_the_email_is_not_tried_again(scene: MailScene) -> None:
    """Although no recipient has it yet. When the last one refuses it, it ends as refused."""
    scene.unlink()
    scene.store.accounts.change_account(scene.account, AccountChange(alt_emails=(FIRST, SECOND)))
    scene.backend.answers = [
        Handover(refused=frozenset([FIRST]), reason="550, 451"),
        AWAY,
        Handover(refused=frozenset([SECOND]), reason="550"),
    ]
    for _ in range(3):
        (log,) = scene.send_all_that_is_due()
        scene.store.clock.advance(log["next_in"] or 0)

    assert [recipients for _, recipients in scene.backend.sent] == [[FIRST, SECOND], [SECOND], [SECOND]]
    assert (log["log_level"], log["ending"], log["taken"], log["refused"]) == ("error", "refused", 0, 2)
    assert scene.store.mails_ended() == {"refused": 1}


def test_an_address_that_replaces_a_refused_one_gets_the_email(scene: MailScene) -> None:
    scene.unlink()
    scene.store.accounts.change_account(scene.account, AccountChange(alt_emails=(FIRST, SECOND)))
    scene.backend.answers = [Handover(refused=frozenset([FIRST]), reason="550, 451")]
    (log,) = scene.send_all_that_is_due()
    scene.store.clock.advance(log["next_in"])
    scene.store.accounts.change_account(scene.account, AccountChange(alt_emails=("new@example.com",)))
    scene.send_all_that_is_due()
    assert scene.backend.sent[-1][1] == ["new@example.com"]
    assert scene.store.mails_ended() == {"sent": 1}


def test_an_email_is_sent_when_all_remaining_recipients_have_it(scene: MailScene) -> None:
    scene.unlink()
    scene.store.accounts.change_account(scene.account, AccountChange(alt_emails=(FIRST, SECOND)))
    scene.backend.answers = [Handover(frozenset([FIRST]), reason="451")]
    (log,) = scene.send_all_that_is_due()
    scene.store.clock.advance(log["next_in"])
    scene.store.accounts.change_account(scene.account, AccountChange(alt_emails=(FIRST,)))
    scene.send_all_that_is_due()
    assert len(scene.backend.sent) == 1
    assert scene.store.mails_ended() == {"sent": 1}


def test_an_address_is_not_in_the_log(scene: MailScene) -> None:
    scene.unlink()
    scene.backend.answers = [REFUSED]
    assert FIRST not in str(scene.send_all_that_is_due())
