"""E-mails are sent in their own thread, and passing ids to it does not block."""

from __future__ import annotations

import queue
import threading

from webhooks.mail.thread import MAX_WAITING, MailThread


class HeldUp:
    """A server that does not answer until it is allowed to."""

    def __init__(self) -> None:
        self.begun: queue.SimpleQueue[str] = queue.SimpleQueue()
        self.sent: list[str] = []
        self.may_go_on = threading.Event()

    def send(self, mail_id: str) -> None:
        """Send, when it is allowed to."""
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


def test_an_unresponsive_server_does_not_block_the_caller() -> None:
    """The sweep publishes ids for which there is no room."""
    held_up = HeldUp()
    mail_thread = MailThread(held_up.send)
    mail_thread.put(["first"])
    assert held_up.begun.get(timeout=60) == "first"
    for _ in range(3):
        mail_thread.put([str(number) for number in range(MAX_WAITING - 1)])
    held_up.may_go_on.set()
    assert mail_thread.close(5)
    assert len(held_up.sent) == 1 + MAX_WAITING


def test_a_worker_stops_although_its_mail_server_hangs() -> None:
    held_up = HeldUp()
    mail_thread = MailThread(held_up.send)
    mail_thread.put(["first"])
    held_up.begun.get(timeout=60)
    assert not mail_thread.close(0.0)
    held_up.may_go_on.set()
    assert mail_thread.close(5)
