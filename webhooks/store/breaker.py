"""A breaker: while the server hangs, a few callers wait in vain and the others are told at once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from time import monotonic

from webhooks.errors import StorageUnavailable

#: Seconds between two callers who find out whether the server answers again.
PAUSE = 0.5


class Breaker:
    """Knows whether the server hung when it was asked last.

    Without it, each of many callers would hold a thread for the whole of a command's timeout, and those who wait
    for a thread would not be told in time.

    Args:
        now: seconds by a clock that is never set.
    """

    def __init__(self, now: Callable[[], float] = monotonic) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._next_try: float | None = None  # None while the server answers

    def check(self) -> None:
        """Let a caller ask the server.

        Raises:
            StorageUnavailable: it hangs, and somebody else has just asked it.
        """
        with self._lock:
            if self._next_try is not None:
                if self._now() < self._next_try:
                    raise StorageUnavailable
                self._next_try = self._now() + PAUSE

    def hung(self) -> None:
        """Note that the server did not answer in time."""
        with self._lock:
            self._next_try = self._now() + PAUSE

    def answered(self) -> None:
        """Note that the server answered, or that it is not there, which is told quickly too."""
        with self._lock:
            self._next_try = None
