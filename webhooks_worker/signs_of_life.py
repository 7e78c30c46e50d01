"""Signs of life, given for as long as a worker's main loop takes messages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from celery import bootsteps

#: Seconds between two.
INTERVAL = 2.0


def signs_of_life(give: Callable[[], None]) -> type[bootsteps.StartStopStep]:
    """Return the step that Celery's consumer takes each time it has connected to the broker.

    Celery's own heartbeats do not serve: while Redis does not respond, their publishing retries without end, and
    the worker heeds no SIGTERM.
    """

    class SignsOfLife(bootsteps.StartStopStep):
        requires = ("celery.worker.consumer.tasks:Tasks",)
        _timer: Any = None  # until it is started: Celery stops it even when a step before it has failed

        def start(self, consumer: Any) -> None:
            give()
            self._timer = consumer.timer.call_repeatedly(INTERVAL, give)

        def stop(self, consumer: Any) -> None:  # noqa: ARG002
            if self._timer is not None:
                self._timer.cancel()

    return SignsOfLife
