"""A circuit breaker: while a server does not respond, few callers wait for it; the others get an error at once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from time import monotonic

from webhooks.errors import StorageUnavailable

#: Seconds between two callers that try whether the server responds again.
PAUSE = 0.5
#: A failure that takes this many seconds counts as no response, whatever the error. A name look-up has no timeout:
#: if the name server does not respond, the error looks like that of a stopped server, but comes after 10 s or
#: more.
SLOW = 0.5


class Breaker:
    """Records whether the server responded to the latest call.

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
        """Let a caller use the server.

        Raises:
            StorageUnavailable: the server does not respond, and another caller has just tried it.
        """
        with self._lock:
            if self._next_try is not None:
                if self._now() < self._next_try:
                    raise StorageUnavailable
                self._next_try = self._now() + self._pause

    def timed_out(self) -> None:
        """Record that the server did not respond in time."""
        with self._lock:
            self._next_try = self._now() + self._pause

    def failed(self, seconds: float) -> None:
        """Record that a call failed, and how many seconds it took."""
        if seconds < self._slow:
            self.answered()
        else:
            self.timed_out()

    def answered(self) -> None:
        """Record that the server answered, or refused the connection, which is quick too."""
        with self._lock:
            self._next_try = None
