"""When beat does what."""

from __future__ import annotations

from datetime import datetime
from time import monotonic

from celery.schedules import BaseSchedule, schedstate


class Steadily(BaseSchedule):
    """Due every so many seconds, whatever happens to the clock on the wall.

    Celery's own intervals compare moments of that clock: set back by an hour, they would not be due for an hour.
    """

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self._seconds = seconds
        self._last = monotonic() - seconds

    def is_due(self, last_run_at: datetime) -> schedstate:  # noqa: ARG002  a moment on the wall
        """Tell whether it is due, and in how many seconds to ask again."""
        waited = monotonic() - self._last
        if waited < self._seconds:
            return schedstate(is_due=False, next=self._seconds - waited)
        self._last = monotonic()
        return schedstate(is_due=True, next=self._seconds)
