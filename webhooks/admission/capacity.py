"""Room for so many calls at once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from math import inf
from time import monotonic

#: Seconds for which nobody enters when calls cannot be made: the first time, and the longest. Each time that none
#: was made in between it is twice as long.
FIRST_PAUSE = 1.0
MAX_PAUSE = 30.0


class CallCapacity:
    """A number of places; who wants some waits a while until they are free.

    Args:
        size: how many places there are.
        now: seconds by a clock that is never set.
    """

    def __init__(self, size: int, now: Callable[[], float] = monotonic) -> None:
        self._size = size
        self._now = now
        self._taken = 0
        self._pause = FIRST_PAUSE
        self._closed_until = -inf
        self._changed = threading.Condition()

    def enter(self, count: int, patience: float, leaving: int = 0) -> int:
        """Take up to `count` places as soon as any is free; returns how many, 0 if `patience` seconds have passed.

        Whoever waited for all of them at once would be overtaken for ever by those who want one.

        Args:
            leaving: how many must stay free for others.
        """
        size = self._size - leaving
        with self._changed:
            self._changed.wait_for(lambda: self._taken < size and not self._is_closed(), patience)
            entered = 0 if self._is_closed() else max(0, min(count, size - self._taken))
            self._taken += entered
            return entered

    def close(self) -> None:
        """Let nobody in for a while: calls cannot be made. Those who are in stay."""
        with self._changed:
            if not self._is_closed():
                self._closed_until = self._now() + self._pause
                self._pause = min(2 * self._pause, MAX_PAUSE)

    def works(self) -> None:
        """Note that a call was made: the next pause is a short one again."""
        self._pause = FIRST_PAUSE

    def free(self) -> int:
        """Return how many places are left."""
        return self._size - self._taken

    def leave(self, count: int) -> None:
        """Give places back."""
        with self._changed:
            self._taken -= count
            self._changed.notify_all()

    def wait_until_empty(self, patience: float) -> bool:
        """Wait up to `patience` seconds until no place is taken; returns whether that came."""
        with self._changed:
            return self._changed.wait_for(lambda: self._taken == 0, patience)

    def _is_closed(self) -> bool:
        return self._now() < self._closed_until
