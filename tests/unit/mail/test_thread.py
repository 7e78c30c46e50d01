"""The mailer: e-mails are sent in a thread of its own, and a caller that hands in their ids is not held up."""

from __future__ import annotations

import queue
import threading

from webhooks.mail.thread import MAX_WAITING, MailThread


class HeldUp:
    """A server that does not respond until it may go on."""

    def __init__(self) -> None:
        self.begun: queue.SimpleQueue[str] = queue.SimpleQueue()
        self.sent: list[str] = []
        self.may_go_on = threading.Event()

    def send(self, mail_id: str) -> None:
        """Send, once it may."""
        self.begun.put(mail_id)
        assert self.may_go_on.wait(5)
        self.sent.append(mail_id)


def test_emails_are_sent_in_order() -> None:
    sent: list[str] = []
    mail_thread = MailThread(sent.append)
    mail_thread.put(["one", "two"])
    mail_thread.put(["three"])
    assert mail_thread.close(5)
    assert sent == ["one", "two", "three"]


def test_a_server_that_does_not_respond_holds_up_no_one_who_hands_in_ids() -> None:
    """What finds no room is published again by the sweep."""
    held_up = HeldUp()
    mail_thread = MailThread(held_up.send)
    mail_thread.put(["first"])
    assert held_up.begun.get(timeout=60) == "first"
    for _ in range(3):
        mail_thread.put([str(number) for number in range(MAX_WAITING - 1)])
    held_up.may_go_on.set()
    assert mail_thread.close(5)
    assert len(held_up.sent) == 1 + MAX_WAITING


def test_a_server_that_does_not_respond_keeps_no_worker_from_stopping() -> None:
    held_up = HeldUp()
    mail_thread = MailThread(held_up.send)
    mail_thread.put(["first"])
    held_up.begun.get(timeout=60)
    assert not mail_thread.close(0.0)
    held_up.may_go_on.set()
    assert mail_thread.close(5)
