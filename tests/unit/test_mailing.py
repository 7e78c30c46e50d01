"""Mailing: an e-mail is handed over once, to whom it should, and what came of it is written down."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import pytest
from structlog.testing import capture_logs
from structlog.typing import EventDict

import webhooks.mailing
from doubles import MailsWithOutages, RecordedCarrier, RecordingRing
from samples import sample
from stores import Store
from webhooks.accounts import AccountChange
from webhooks.letters import Handover
from webhooks.mailing import LogCarrier, Mailing
from webhooks.mails import MOST_TRIES
from webhooks.publishing import Published, Publishing
from webhooks.resending import Resending

FIRST, SECOND = "a@example.com", "b@example.com"
AWAY = Handover(reason="ConnectionRefusedError")
REFUSED = Handover(refused=frozenset([FIRST]), reason="SMTPRecipientsRefused, 550 5.1.1")


class Scene:
    """An account, and a worker that sends its e-mails."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.account = store.account("Acme")
        self.profile = store.profile(self.account, "Zoë's shop")
        self.mails = MailsWithOutages(store.mails)
        self.carrier = RecordedCarrier()
        self.rung: list[Sequence[str]] = []
        self.mailing = Mailing(self.mails, store.accounts, self.carrier, self.rung.append)

    def unlink(self, **changes: str) -> str:
        """Send in an event that makes an e-mail; returns the e-mail's id."""
        before = self.store.mails_owed()
        publishing = Publishing(self.store.webhooks, self.store.ledger, lambda *_: None)
        (published,) = publishing.publish([sample("social-unlink-system", self.profile, **changes)], "producer")
        assert isinstance(published, Published)
        (mail_id,) = set(self.store.mails_owed()) - set(before)
        return mail_id

    def send_all_that_is_due(self) -> list[EventDict]:
        """Do what a sweep and the workers do; returns what is logged."""
        with capture_logs() as logs:
            self.mailing.sweep()
            for mail_ids in self.rung:
                for mail_id in mail_ids:
                    self.mailing.send(mail_id)
            self.rung.clear()
        return list(logs)


@pytest.fixture
def scene(store: Store) -> Scene:
    return Scene(store)


def test_an_e_mail_is_sent_once_and_has_ended(scene: Scene) -> None:
    mail_id = scene.unlink()

    (log,) = scene.send_all_that_is_due()

    ((letter, recipients),) = scene.carrier.sent
    assert (letter.mail_id, letter.addresses, recipients) == (mail_id, (FIRST,), [FIRST])
    assert letter.subject == "Instagram was unlinked from Zoë's shop"
    assert scene.store.mails_ended() == {"sent": 1}
    assert log == {
        "event": "mail.tried",
        "log_level": "info",
        "mail_id": mail_id,
        "account": scene.account,
        "number": 1,
        "ending": "sent",
        "taken": 1,
        "refused": 0,
        "left": 0,
        "reason": None,
        "next_in": None,
    }
    scene.store.clock.advance(86_400)
    scene.mailing.send(mail_id)
    assert scene.send_all_that_is_due() == []
    assert len(scene.carrier.sent) == 1


def test_a_message_that_comes_twice_sends_nothing_twice(scene: Scene) -> None:
    mail_id = scene.unlink()
    scene.carrier.answers = [AWAY]
    for _ in range(3):
        scene.mailing.send(mail_id)
    assert len(scene.carrier.sent) == 1


def test_alternative_addresses_take_the_place_of_the_accounts(scene: Scene) -> None:
    """They are read when it is sent, each is told once, and all see who else is."""
    scene.unlink()
    change = AccountChange(alt_emails=("x@example.com", "y@example.com", "x@example.com"))
    scene.store.accounts.change_account(scene.account, change)
    scene.send_all_that_is_due()
    ((letter, recipients),) = scene.carrier.sent
    assert list(letter.addresses) == recipients == ["x@example.com", "y@example.com"]


def test_an_account_whose_plan_has_no_webhooks_is_told_too(scene: Scene) -> None:
    """It is about the account, not about what it pays for."""
    scene.store.accounts.change_account(scene.account, AccountChange(plan="free"))
    scene.unlink()
    scene.send_all_that_is_due()
    assert len(scene.carrier.sent) == 1


def test_while_the_server_is_away_it_is_tried_ever_more_rarely(scene: Scene) -> None:
    mail_id = scene.unlink()
    scene.carrier.answers = [AWAY, AWAY, AWAY]
    pauses = []
    for _ in range(3):
        (log,) = scene.send_all_that_is_due()
        assert (log["log_level"], log["ending"], log["left"], log["reason"]) == (
            "warning",
            None,
            1,
            "ConnectionRefusedError",
        )
        assert scene.send_all_that_is_due() == []
        pauses.append(log["next_in"])
        scene.store.clock.advance(log["next_in"])
    assert pauses == [120, 240, 480]

    scene.send_all_that_is_due()

    assert {letter.mail_id for letter, _ in scene.carrier.sent} == {mail_id}
    assert scene.store.mails_ended() == {"sent": 1}


def test_a_server_is_given_ever_more_time_but_no_more_than_ten_minutes(scene: Scene) -> None:
    """One that takes an e-mail and says so late is soon waited for, and not sent it in every try of three days."""
    scene.unlink()
    scene.carrier.answers = [AWAY] * 6
    for _ in range(6):
        (log,) = scene.send_all_that_is_due()
        scene.store.clock.advance(log["next_in"])
    assert scene.carrier.patience == pytest.approx([60, 120, 240, 480, 600, 600], abs=5)


def test_after_three_days_it_is_given_up_with_a_word_in_the_log(scene: Scene) -> None:
    mail_id = scene.unlink()
    scene.carrier.answers = [AWAY] * (MOST_TRIES + 1)
    for _ in range(MOST_TRIES):
        (log,) = scene.send_all_that_is_due()
        scene.store.clock.advance(log["next_in"])
    (log,) = scene.send_all_that_is_due()
    assert log == {
        "event": "mail.given_up",
        "log_level": "error",
        "mail_id": mail_id,
        "account": scene.account,
    }
    assert len(scene.carrier.sent) == MOST_TRIES
    assert scene.store.mails_ended() == {"givenUp": 1}
    assert scene.store.mails_owed() == []


def test_what_is_refused_for_good_has_ended_with_a_word_in_the_log(scene: Scene) -> None:
    scene.unlink()
    scene.carrier.answers = [REFUSED]
    (log,) = scene.send_all_that_is_due()
    assert (log["log_level"], log["ending"], log["refused"]) == ("error", "refused", 1)
    assert log["reason"] == "SMTPRecipientsRefused, 550 5.1.1"
    assert scene.store.mails_ended() == {"refused": 1}


def test_nobody_who_has_it_gets_it_again_for_the_sake_of_others(scene: Scene) -> None:
    """One address takes it, one refuses it for good, one is to be tried later."""
    scene.unlink()
    scene.store.accounts.change_account(scene.account, AccountChange(alt_emails=(FIRST, SECOND, "c@example.com")))
    scene.carrier.answers = [Handover(frozenset([SECOND]), frozenset([FIRST]), "550, 451")]

    (log,) = scene.send_all_that_is_due()
    assert (log["log_level"], log["taken"], log["refused"], log["left"]) == ("warning", 1, 1, 1)
    scene.store.clock.advance(log["next_in"])
    (log,) = scene.send_all_that_is_due()

    assert [recipients for _, recipients in scene.carrier.sent] == [
        [FIRST, SECOND, "c@example.com"],
        ["c@example.com"],
    ]
    assert (log["log_level"], log["ending"], log["taken"], log["refused"]) == ("error", "sent", 2, 1)
    assert scene.store.mails_ended() == {"sent": 1}


def test_an_address_that_refused_it_is_not_asked_again_for_the_sake_of_others(scene: Scene) -> None:
    """Though nobody has it yet. When the last has refused it, it has ended as refused."""
    scene.unlink()
    scene.store.accounts.change_account(scene.account, AccountChange(alt_emails=(FIRST, SECOND)))
    scene.carrier.answers = [
        Handover(refused=frozenset([FIRST]), reason="550, 451"),
        AWAY,
        Handover(refused=frozenset([SECOND]), reason="550"),
    ]
    for _ in range(3):
        (log,) = scene.send_all_that_is_due()
        scene.store.clock.advance(log["next_in"] or 0)

    assert [recipients for _, recipients in scene.carrier.sent] == [[FIRST, SECOND], [SECOND], [SECOND]]
    assert (log["log_level"], log["ending"], log["taken"], log["refused"]) == ("error", "refused", 0, 2)
    assert scene.store.mails_ended() == {"refused": 1}


def test_an_address_that_takes_the_place_of_one_that_refused_it_is_told(scene: Scene) -> None:
    scene.unlink()
    scene.store.accounts.change_account(scene.account, AccountChange(alt_emails=(FIRST, SECOND)))
    scene.carrier.answers = [Handover(refused=frozenset([FIRST]), reason="550, 451")]
    (log,) = scene.send_all_that_is_due()
    scene.store.clock.advance(log["next_in"])
    scene.store.accounts.change_account(scene.account, AccountChange(alt_emails=("new@example.com",)))
    scene.send_all_that_is_due()
    assert scene.carrier.sent[-1][1] == ["new@example.com"]
    assert scene.store.mails_ended() == {"sent": 1}


def test_it_has_been_sent_when_everybody_who_is_left_has_it(scene: Scene) -> None:
    scene.unlink()
    scene.store.accounts.change_account(scene.account, AccountChange(alt_emails=(FIRST, SECOND)))
    scene.carrier.answers = [Handover(frozenset([FIRST]), reason="451")]
    (log,) = scene.send_all_that_is_due()
    scene.store.clock.advance(log["next_in"])
    scene.store.accounts.change_account(scene.account, AccountChange(alt_emails=(FIRST,)))
    scene.send_all_that_is_due()
    assert len(scene.carrier.sent) == 1
    assert scene.store.mails_ended() == {"sent": 1}


def test_nobody_is_told_of_a_profile_that_has_been_removed(scene: Scene) -> None:
    mail_id = scene.unlink()
    profile = scene.store.accounts.profile(scene.profile)
    assert profile is not None
    scene.store.accounts.remove_profile(profile)
    assert scene.send_all_that_is_due() == [
        {"event": "mail.canceled", "log_level": "info", "mail_id": mail_id, "account": scene.account}
    ]
    assert scene.carrier.sent == []
    assert scene.store.mails_ended() == {"canceled": 1}


def test_what_was_taken_is_written_down_as_soon_as_storage_is_back(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else it would be sent again."""
    monkeypatch.setattr(webhooks.mailing, "STORAGE_PAUSE", 0.01)
    scene.unlink()
    scene.mails.outages = 3
    logs = scene.send_all_that_is_due()
    assert [log["event"] for log in logs] == ["mail.record_postponed"] * 3 + ["mail.tried"]
    assert scene.store.mails_ended() == {"sent": 1}


def test_a_worker_that_stops_does_not_wait_for_storage(scene: Scene) -> None:
    """The e-mail is sent again then, as the same message."""
    scene.unlink()
    scene.mails.outages = 1_000
    threading.Timer(0.05, scene.mailing.stop).start()
    logs = scene.send_all_that_is_due()
    assert logs[-1]["event"] == "mail.storage_away"
    assert len(scene.carrier.sent) == 1
    assert len(scene.store.mails_owed()) == 1


def test_a_worker_that_stops_begins_no_more_tries(scene: Scene) -> None:
    mail_id = scene.unlink()
    scene.mailing.stop()
    scene.mailing.send(mail_id)
    assert scene.carrier.sent == []
    assert Mailing(scene.mails, scene.store.accounts, scene.carrier, scene.rung.append).sweep() == 1


def test_an_e_mail_that_cannot_be_sent_keeps_no_other_from_it(scene: Scene) -> None:
    """A fault, with its traceback; it is tried again, and given up in the end."""
    mail_ids = [scene.unlink(), scene.unlink()]
    scene.carrier.answers = [ValueError("a fault")]
    logs = scene.send_all_that_is_due()
    assert [log["event"] for log in logs] == ["mail.cannot_send", "mail.tried"]
    assert logs[0]["exc_info"]
    assert scene.store.mails_owed() == [logs[0]["mail_id"]]
    assert {log["mail_id"] for log in logs} == set(mail_ids)


def test_a_sweep_with_nothing_due_publishes_nothing(scene: Scene) -> None:
    assert scene.mailing.sweep() == 0
    assert scene.rung == []


@pytest.mark.parametrize(
    "name", ["social-unlink-user", "social-link", "social-refresh", "messages-messageCreated", "batch-users"]
)
def test_no_other_event_makes_an_e_mail(scene: Scene, name: str) -> None:
    publishing = Publishing(scene.store.webhooks, scene.store.ledger, lambda *_: None)
    assert isinstance(publishing.publish([sample(name, scene.profile)], "producer")[0], Published)
    assert scene.store.mails_owed() == []


def test_a_refresh_by_the_system_makes_no_e_mail(scene: Scene) -> None:
    publishing = Publishing(scene.store.webhooks, scene.store.ledger, lambda *_: None)
    publishing.publish([sample("social-refresh", scene.profile, source="system")], "producer")
    assert scene.store.mails_owed() == []


def test_an_event_that_is_sent_again_makes_no_second_e_mail(scene: Scene) -> None:
    """Though no delivery was stored, its answer says that it is known."""
    event = sample("social-unlink-system", scene.profile, idempotencyKey="key")
    publishing = Publishing(scene.store.webhooks, scene.store.ledger, lambda *_: None)
    answers = [publishing.publish([event], "producer")[0] for _ in range(2)]
    assert answers == [
        Published("social", scene.profile, "unregistered", duplicate=duplicate) for duplicate in (False, True)
    ]
    assert len(scene.store.mails_owed()) == 1


def test_a_delivery_that_is_sent_again_makes_no_second_e_mail(scene: Scene) -> None:
    """A recovery takes the same step, for many."""
    store = scene.store
    store.register(scene.account, "social", "https://hooks.example/")
    hook_id = scene.unlink()
    scene.send_all_that_is_due()
    store.end(hook_id)
    Resending(store.records, store.revivals, store.accounts, RecordingRing()).resend(scene.account, hook_id)
    assert scene.send_all_that_is_due() == []
    assert len(scene.carrier.sent) == 1


def test_without_a_server_an_e_mail_is_written_to_the_log_and_counted(scene: Scene) -> None:
    mail_id = scene.unlink()
    scene.mailing = Mailing(scene.mails, scene.store.accounts, LogCarrier(), scene.rung.append)
    written, tried = scene.send_all_that_is_due()
    assert (written["event"], written["mail_id"], written["recipients"]) == ("mail.logged", mail_id, 1)
    assert written["subject"] == "Instagram was unlinked from Zoë's shop"
    assert "the password was changed" in written["text"]
    assert "@example.com" not in f"{written}{tried}"
    assert tried["ending"] == "logged"
    assert scene.store.mails_ended() == {"logged": 1}


def test_an_address_is_not_in_the_log(scene: Scene) -> None:
    scene.unlink()
    scene.carrier.answers = [REFUSED]
    assert FIRST not in str(scene.send_all_that_is_due())
