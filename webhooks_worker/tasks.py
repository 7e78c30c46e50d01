"""The Celery tasks: each unwraps its message and calls one use case."""

from __future__ import annotations

from contextlib import ExitStack
from functools import partial
from typing import Any

from celery import Celery

from messaging.queues import BULK, DELIVER, MAIL, RECOVER, SWEEP, WATCH
from webhooks.deliveries.wakeup import Lane
from webhooks_worker.worker import Worker


def register_tasks(app: Celery, worker: Worker) -> None:
    """Register the tasks. A task that fails loses nothing: the sweep publishes its ids again."""
    task = partial(app.task, shared=False)  # not for other Celery applications in the process

    @task(name=DELIVER, bind=True)
    def deliver(self: Any, hook_ids: list[str]) -> None:
        """Begin an attempt for each delivery that is due."""
        came_by = self.request.delivery_info.get("routing_key")
        worker.dispatcher.deliver(hook_ids, Lane.BULK if came_by == BULK.routing_key else Lane.EXPRESS)

    @task(name=MAIL)
    def mail(mail_ids: list[str]) -> None:
        """Send the e-mails that are due."""
        worker.mail_thread.put(mail_ids)

    @task(name=SWEEP)
    def sweep() -> None:
        """Publish overdue deliveries, recoveries and e-mails; an error in one does not stop the others."""
        with ExitStack() as parts:  # calls all of them, the last one first, even if one raises
            parts.callback(worker.mail_sender.sweep)
            parts.callback(worker.recovery_runner.publish_stalled)
            parts.callback(worker.sweep.sweep)

    @task(name=RECOVER)
    def recover(recovery_id: str, step: int) -> None:
        """Make some steps of a recovery."""
        worker.recovery_runner.make_steps(recovery_id, step)

    @task(name=WATCH)
    def poll_due() -> None:
        """Begin to fetch feeds that are due."""
        worker.feed_poller.poll_due()
