"""The Celery tasks: each unwraps its message and calls one use case."""

from __future__ import annotations

from celery import Celery

from config.queues import DELIVER, SWEEP
from webhooks_worker.worker import Worker


def register_tasks(app: Celery, worker: Worker) -> None:
    """Give the application its tasks. A task that fails loses nothing: the next sweep begins it again."""

    @app.task(name=DELIVER)
    def deliver(hook_ids: list[str]) -> None:
        """Begin an attempt for each delivery that is due."""
        worker.delivering.deliver(hook_ids)

    @app.task(name=SWEEP)
    def sweep() -> None:
        """Publish what is overdue or soon due."""
        worker.sweeping.sweep()
