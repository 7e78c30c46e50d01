"""The schedules of beat."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from time import monotonic

from celery.schedules import BaseSchedule, schedstate

#: Seconds by which a task may be due too early. Beat asks 10 ms early, and then again without a pause.
EARLY = 0.02


class MonotonicInterval(BaseSchedule):
    """A fixed interval by the monotonic clock.

    Celery's own intervals use the wall clock: if it is set back by an hour, they are not due for an hour.

    Args:
        seconds: the interval.
        now: seconds of a monotonic clock.
    """

    def __init__(self, seconds: float, now: Callable[[], float] = monotonic) -> None:
        super().__init__()
        self._seconds = seconds
        self._now = now
        self._next = now()

    def is_due(self, last_run_at: datetime) -> schedstate:  # noqa: ARG002  wall-clock time
        """Return whether it is due, and in how many seconds to ask again."""
        left = self._next - self._now()
        if left > EARLY:
            return schedstate(is_due=False, next=left)
        left = max(0.0, left) + self._seconds
        self._next = self._now() + left
        return schedstate(is_due=True, next=left)
