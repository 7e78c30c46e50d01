"""Celery on Redis: the tasks' names, the queues, and how both ends are set up.

A message carries hookIds and nothing else. It is a hint that these may be due: losing or doubling one does no
harm, because the ledger knows what is owed.
"""

from __future__ import annotations

from collections.abc import Sequence

import structlog
from celery import Celery
from kombu import Exchange, Queue

DELIVER = "webhooks.deliver"
SWEEP = "webhooks.sweep"

DELIVERIES = Queue("deliveries", Exchange("deliveries"), routing_key="deliveries")
#: A queue of its own, so that a sweep does not wait behind a backlog.
SWEEPS = Queue("sweeps", Exchange("sweeps"), routing_key="sweeps")

#: How many ids one message carries at most.
IDS_IN_A_MESSAGE = 50
#: Seconds after which a sweep that nobody has begun is dropped: the next one does its work.
SWEEP_EXPIRES = 10

log = structlog.get_logger()


def celery_app(name: str, redis_url: str) -> Celery:
    """Return a Celery application on the Redis at `redis_url`; nothing is connected yet."""
    app = Celery(name, broker=redis_url)
    app.conf.update(
        task_queues=[DELIVERIES, SWEEPS],
        task_default_queue=DELIVERIES.name,
        task_routes={DELIVER: {"queue": DELIVERIES.name}, SWEEP: {"queue": SWEEPS.name}},
        task_ignore_result=True,
        task_serializer="json",
        accept_content=["json"],
        # A publish that cannot be made is told at once; by default it waits for ever.
        task_publish_retry=False,
        broker_connection_timeout=1,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_transport_options={
            "socket_timeout": 1,
            "socket_connect_timeout": 1,
            "socket_keepalive": True,
            "health_check_interval": 15,
            "priority_steps": [0],  # one key for each queue
            "retry_on_timeout": False,
            "max_retries": 0,
        },
        worker_hijack_root_logger=False,
    )
    return app


class DeliverQueue:
    """Where ids are published for the workers: `webhooks.ringing.Ring`."""

    def __init__(self, app: Celery) -> None:
        self._app = app

    def __call__(self, hook_ids: Sequence[str], delay: float = 0.0) -> None:
        """Publish ids to be attempted in `delay` seconds, many in a message.

        It never raises: the ids are in the ledger, and the sweep will publish them.
        """
        for start in range(0, len(hook_ids), IDS_IN_A_MESSAGE):
            ids = list(hook_ids[start : start + IDS_IN_A_MESSAGE])
            try:
                self._app.send_task(DELIVER, args=[ids], countdown=delay or None)
            except Exception as error:  # noqa: BLE001  whatever it is must not turn a stored event into an error
                log.warning("queue.unreachable", ids=len(hook_ids) - start, reason=type(error).__name__)
                return
