"""A breaker: while a server does not respond, a few callers wait in vain, and the others get an error at once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from time import monotonic

from webhooks.errors import StorageUnavailable

#: Seconds between two callers that find out whether the server responds again.
PAUSE = 0.5
#: Seconds after which an outage counts as a server that does not respond, whatever the error. Looking up a name
#: has no timeout: when the name server does not respond, the error is that of a server that is gone, but it comes
#: after 10 s or more.
SLOW = 0.5


class Breaker:
    """Knows whether the server responded when it was last asked.

    Without it, each of many callers would hold a thread for the whole timeout of a command, and callers that wait
    for a thread would get their errors late.

    Args:
        now: seconds of a monotonic clock.
        pause: seconds between two callers that are let through while the server does not respond.
        slow: seconds after which `failed` counts as no response.
    """

    def __init__(self, now: Callable[[], float] = monotonic, pause: float = PAUSE, slow: float = SLOW) -> None:
        self._now = now
        self._pause = pause
        self._slow = slow
        self._lock = threading.Lock()
        self._next_try: float | None = None  # None while the server responds

    def check(self) -> None:
        """Let a caller ask the server.

        Raises:
            StorageUnavailable: the server does not respond, and another caller has just asked it.
        """
        with self._lock:
            if self._next_try is not None:
                if self._now() < self._next_try:
                    raise StorageUnavailable
                self._next_try = self._now() + self._pause

    def timed_out(self) -> None:
        """Note that the server did not respond in time."""
        with self._lock:
            self._next_try = self._now() + self._pause

    def failed(self, seconds: float) -> None:
        """Note that the server was unavailable, which took so many seconds to find out."""
        if seconds < self._slow:
            self.answered()
        else:
            self.timed_out()

    def answered(self) -> None:
        """Note that the server answered, or that it is not there, which is found out quickly too."""
        with self._lock:
            self._next_try = None
