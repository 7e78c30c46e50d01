"""Signs of life of a worker, for as long as its main loop takes messages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from celery import bootsteps

#: Seconds between two signs of life.
INTERVAL = 2.0


def signs_of_life(give: Callable[[], None]) -> type[bootsteps.StartStopStep]:
    """Return a boot step that Celery's consumer makes each time it has connected to the broker.

    Celery's own heartbeats cannot be used: while Redis does not respond, they are retried without end, and the
    worker ignores SIGTERM.
    """

    class SignsOfLife(bootsteps.StartStopStep):
        requires = ("celery.worker.consumer.tasks:Tasks",)
        _timer: Any = None  # Celery stops the step even if an earlier step failed, so that it was never started

        def start(self, consumer: Any) -> None:
            give()
            self._timer = consumer.timer.call_repeatedly(INTERVAL, give)

        def stop(self, consumer: Any) -> None:  # noqa: ARG002
            if self._timer is not None:
                self._timer.cancel()

    return SignsOfLife
