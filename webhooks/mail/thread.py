"""A thread that sends e-mails, so that an unresponsive SMTP server holds up nothing else."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Sequence

#: The maximum number of waiting ids. The sweep publishes ids again for which there was no room.
MAX_WAITING = 1_000


class MailThread:
    """Sends e-mails one after the other.

    Args:
        send: sends one and never raises.
    """

    def __init__(self, send: Callable[[str], None]) -> None:
        self._send = send
        self._waiting: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="mailer", daemon=True)
        self._thread.start()

    def put(self, mail_ids: Sequence[str]) -> None:
        """Add ids of e-mails to send, as many as there is room for. Any thread may call it; it never blocks."""
        for mail_id in mail_ids[: max(0, MAX_WAITING - self._waiting.qsize())]:
            self._waiting.put(mail_id)

    def close(self, timeout: float) -> bool:
        """Stop after the e-mails that were added, within `timeout` seconds; returns whether all were sent."""
        self._waiting.put(None)
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _run(self) -> None:
        while (mail_id := self._waiting.get()) is not None:
            self._send(mail_id)
