"""The Celery tasks: each unwraps its message and calls one use case."""

from __future__ import annotations

from typing import Any

from celery import Celery

from config.queues import BULK, DELIVER, MAIL, RECOVER, SWEEP, WATCH
from webhooks.ringing import Lane
from webhooks_worker.worker import Worker


def register_tasks(app: Celery, worker: Worker) -> None:
    """Give the application its tasks. A task that fails loses nothing: the next sweep begins it again."""

    @app.task(name=DELIVER, bind=True)
    def deliver(self: Any, hook_ids: list[str]) -> None:
        """Begin an attempt for each delivery that is due."""
        came_by = self.request.delivery_info.get("routing_key")
        worker.delivering.deliver(hook_ids, Lane.BULK if came_by == BULK.name else Lane.EXPRESS)

    @app.task(name=MAIL)
    def mail(mail_ids: list[str]) -> None:
        """Have each e-mail sent that is due."""
        worker.mailer.put(mail_ids)

    @app.task(name=SWEEP)
    def sweep() -> None:
        """Publish what is overdue or soon due, and what stands still: recoveries and e-mails."""
        worker.sweeping.sweep()
        worker.recovering.wake()
        worker.mailing.sweep()

    @app.task(name=RECOVER)
    def recover(recovery_id: str, step: int) -> None:
        """Make some steps of a recovery."""
        worker.recovering.go_on(recovery_id, step)

    @app.task(name=WATCH)
    def watch() -> None:
        """Begin to fetch feeds that are due."""
        worker.watching.watch()
