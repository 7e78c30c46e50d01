"""Sending e-mails: once, with further tries while necessary, and with a recorded outcome."""

from __future__ import annotations

import pytest

from stores import Store
from unit.mail.mail_scene import AWAY, FIRST, MailScene
from webhooks.errors import OutOfResources
from webhooks.mail.mail import MAX_TRIES
from webhooks.mail.send import LogBackend, MailSender
from webhooks.store.mails import GIVEN_BACK_PAUSE_MS


@pytest.fixture
def scene(store: Store) -> MailScene:
    return MailScene(store)


def test_an_email_is_sent_once_and_ends(scene: MailScene) -> None:
    mail_id = scene.unlink()

    (log,) = scene.send_all_that_is_due()

    ((email, recipients),) = scene.backend.sent
    assert (email.mail_id, email.addresses, recipients) == (mail_id, (FIRST,), [FIRST])
    assert email.subject == "Instagram was unlinked from Zoë's shop"
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
    scene.mail_sender.send(mail_id)
    assert scene.send_all_that_is_due() == []
    assert len(scene.backend.sent) == 1


def test_a_message_that_comes_twice_sends_nothing_twice(scene: MailScene) -> None:
    mail_id = scene.unlink()
    scene.backend.answers = [AWAY]
    for _ in range(3):
        scene.mail_sender.send(mail_id)
    assert len(scene.backend.sent) == 1


def test_during_an_outage_of_the_server_pauses_between_tries_grow(scene: MailScene) -> None:
    mail_id = scene.unlink()
    scene.backend.answers = [AWAY, AWAY, AWAY]
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

    assert {email.mail_id for email, _ in scene.backend.sent} == {mail_id}
    assert scene.store.mails_ended() == {"sent": 1}


def test_a_slow_server_gets_more_time_up_to_ten_minutes(scene: MailScene) -> None:
    """A server that answers late soon gets enough time, so that not every try sends it the e-mail again."""
    scene.unlink()
    scene.backend.answers = [AWAY] * 6
    for _ in range(6):
        (log,) = scene.send_all_that_is_due()
        scene.store.clock.advance(log["next_in"])
    assert scene.backend.patience == pytest.approx([60, 120, 240, 480, 600, 600], abs=5)


def test_an_email_is_given_up_after_three_days_and_logged(scene: MailScene) -> None:
    mail_id = scene.unlink()
    scene.backend.answers = [AWAY] * (MAX_TRIES + 1)
    for _ in range(MAX_TRIES):
        (log,) = scene.send_all_that_is_due()
        scene.store.clock.advance(log["next_in"])
    (log,) = scene.send_all_that_is_due()
    assert log == {
        "event": "mail.given_up",
        "log_level": "error",
        "mail_id": mail_id,
        "account": scene.account,
    }
    assert len(scene.backend.sent) == MAX_TRIES
    assert scene.store.mails_ended() == {"givenUp": 1}
    assert scene.store.mails_owed() == []


def test_a_sent_email_is_recorded_when_storage_is_back(scene: MailScene) -> None:
    """Otherwise it would be sent again."""
    scene.unlink()
    scene.mails.outages = 3
    logs = scene.send_all_that_is_due()
    assert [log["event"] for log in logs] == ["mail.record_retried"] * 3 + ["mail.tried"]
    assert scene.store.mails_ended() == {"sent": 1}


def test_a_stopping_worker_does_not_wait_for_storage(scene: MailScene) -> None:
    """Then the e-mail is sent again, as the same message."""
    scene.unlink()
    scene.mails.outages = 1
    scene.mails.on_outage = scene.mail_sender.stop
    logs = scene.send_all_that_is_due()
    assert logs[-1]["event"] == "mail.storage_away"
    assert len(scene.backend.sent) == 1
    assert len(scene.store.mails_owed()) == 1


def test_a_stopping_worker_starts_no_more_tries(scene: MailScene) -> None:
    mail_id = scene.unlink()
    scene.mail_sender.stop()
    scene.mail_sender.send(mail_id)
    assert scene.backend.sent == []
    assert MailSender(scene.mails, scene.store.accounts, scene.backend, scene.published.append).sweep() == 1


def test_an_email_that_cannot_be_sent_does_not_stop_others(scene: MailScene) -> None:
    """The fault is logged with its traceback; the e-mail is tried again, and given up in the end."""
    mail_ids = [scene.unlink(), scene.unlink()]
    scene.backend.answers = [ValueError("a fault")]
    logs = scene.send_all_that_is_due()
    assert [log["event"] for log in logs] == ["mail.cannot_send", "mail.tried"]
    assert logs[0]["exc_info"]
    assert scene.store.mails_owed() == [logs[0]["mail_id"]]
    assert {log["mail_id"] for log in logs} == set(mail_ids)


def test_a_sweep_with_nothing_due_publishes_nothing(scene: MailScene) -> None:
    assert scene.mail_sender.sweep() == 0
    assert scene.published == []


def test_without_a_server_an_email_is_written_to_the_log_and_counted(scene: MailScene) -> None:
    mail_id = scene.unlink()
    scene.mail_sender = MailSender(scene.mails, scene.store.accounts, LogBackend(), scene.published.append)
    written, tried = scene.send_all_that_is_due()
    assert (written["event"], written["mail_id"], written["recipients"]) == ("mail.logged", mail_id, 1)
    assert written["subject"] == "Instagram was unlinked from Zoë's shop"
    assert "the password was changed" in written["text"]
    assert "@example.com" not in f"{written}{tried}"
    assert tried["ending"] == "logged"
    assert scene.store.mails_ended() == {"logged": 1}


def test_a_try_with_a_local_shortage_does_not_count(scene: MailScene) -> None:
    """Otherwise a shortage of files or ports for days would give up each e-mail without one real try."""
    scene.unlink()
    scene.backend.answers = [OutOfResources()] * 2
    for _ in range(2):
        assert scene.send_all_that_is_due() == []
        scene.store.clock.advance(GIVEN_BACK_PAUSE_MS / 1000)
    (log,) = scene.send_all_that_is_due()
    assert (log["number"], log["ending"]) == (1, "sent")
