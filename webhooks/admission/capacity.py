"""How many calls a worker may have in flight, and when it must pause."""

from __future__ import annotations

import threading
from collections.abc import Callable
from math import inf
from time import monotonic

from webhooks.admission.thresholds import FIRST_PAUSE, MAX_PAUSE


class CallCapacity:
    """A number of calls. A caller that wants to begin some waits until there is capacity.

    Args:
        size: how many calls there may be.
        now: seconds of a monotonic clock.
    """

    def __init__(self, size: int, now: Callable[[], float] = monotonic) -> None:
        self._size = size
        self._now = now
        self._used = 0
        self._pause = FIRST_PAUSE
        self._paused_until = -inf
        self._changed = threading.Condition()

    def acquire(self, count: int, timeout: float, leaving: int = 0) -> int:
        """Take capacity for up to `count` calls as soon as there is some; returns for how many.

        It returns 0 if there is none within `timeout` seconds. It does not wait for capacity for all `count`
        calls: callers that want less could overtake it for ever.

        Args:
            leaving: capacity that must stay free for others.
        """
        size = self._size - leaving
        with self._changed:
            self._changed.wait_for(lambda: self._used < size and not self._is_paused(), timeout)
            acquired = 0 if self._is_paused() else max(0, min(count, size - self._used))
            self._used += acquired
            return acquired

    def pause(self) -> None:
        """Let no call begin for a while. Calls in flight continue."""
        with self._changed:
            if not self._is_paused():
                self._paused_until = self._now() + self._pause
                self._pause = min(2 * self._pause, MAX_PAUSE)

    def call_was_made(self) -> None:
        """Make the next pause a short one again."""
        self._pause = FIRST_PAUSE

    def free(self) -> int:
        """Return for how many more calls there is capacity."""
        return self._size - self._used

    def release(self, count: int) -> None:
        """Give back the capacity of `count` calls."""
        with self._changed:
            self._used -= count
            self._changed.notify_all()

    def wait_until_idle(self, timeout: float) -> bool:
        """Wait up to `timeout` seconds until no capacity is in use; returns whether none is."""
        with self._changed:
            return self._changed.wait_for(lambda: self._used == 0, timeout)

    def _is_paused(self) -> bool:
        return self._now() < self._paused_until
