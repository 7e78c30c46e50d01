"""A thread that sends e-mails, so that an unresponsive SMTP server holds up nothing else."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Sequence

#: Ids that wait at most. Those that find no room are published again by the sweep.
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
        """Have e-mails sent soon, as many as there is room for; any thread may ask, and none waits."""
        for mail_id in mail_ids[: max(0, MAX_WAITING - self._waiting.qsize())]:
            self._waiting.put(mail_id)

    def close(self, timeout: float) -> bool:
        """Stop after the e-mails that were put, within `timeout` seconds; returns whether all were sent."""
        self._waiting.put(None)
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _run(self) -> None:
        while (mail_id := self._waiting.get()) is not None:
            self._send(mail_id)
