"""Celery: the tasks' names, the queues, and how both ends are set up.

A message carries ids and nothing else. It is a hint that there may be something to do: losing or doubling one does
no harm, because the ledger knows what is owed, e-mails too, and how far a recovery has come.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from time import monotonic
from typing import Any

import structlog
from celery import Celery
from kombu import Exchange, Queue

from config.transport import use_steadfast_transports

DELIVER = "webhooks.deliver"
MAIL = "webhooks.mail"
SWEEP = "webhooks.sweep"
RECOVER = "webhooks.recover"
WATCH = "webhooks.watch"

DELIVERIES = Queue("deliveries", Exchange("deliveries"), routing_key="deliveries")
#: Workers take from each queue in turn: who has a few deliveries does not wait behind who has a great many.
BULK = Queue("bulk", Exchange("bulk"), routing_key="bulk")
#: A queue of their own, so that e-mails do not wait behind a backlog, nor anything behind them.
MAILS = Queue("mails", Exchange("mails"), routing_key="mails")
#: A queue of its own, so that a sweep does not wait behind a backlog.
SWEEPS = Queue("sweeps", Exchange("sweeps"), routing_key="sweeps")
#: Recoveries of many deliveries; they take turns with everything else, and with each other.
RECOVERIES = Queue("recoveries", Exchange("recoveries"), routing_key="recoveries")
#: A queue of its own too: feeds are visited however many deliveries wait, and no delivery waits behind them.
FEEDS = Queue("feeds", Exchange("feeds"), routing_key="feeds")

_QUEUE_OF_LANE = {"express": DELIVERIES.name, "bulk": BULK.name}

#: How many ids one message carries at most.
IDS_IN_A_MESSAGE = 200
#: Seconds after which what beat publishes is dropped if nobody has begun it, so that it does not pile up without
#: workers. It is a moment by the clocks of two machines: far more than these may differ by.
BEAT_EXPIRES = 6 * 3600

#: So many messages keep the workers busy for about a second.
MANY_MESSAGES = 100

#: Seconds after a failure in which nothing is published.
SILENCE = 1.0
#: A publish that fails sooner, in seconds, may have met a connection that had died while idle, so it is made once
#: more; what is refused is told as quickly the second time.
AT_ONCE = 0.5

log = structlog.get_logger()


def celery_app(name: str, broker: Mapping[str, Any]) -> Celery:
    """Return a Celery application; nothing is connected yet.

    Args:
        broker: Celery's settings for its broker, from `config.broker`.
    """
    use_steadfast_transports()
    app = Celery(name)
    app.conf.update(
        task_queues=[DELIVERIES, BULK, SWEEPS, RECOVERIES, FEEDS, MAILS],
        task_default_queue=DELIVERIES.name,
        task_routes={
            DELIVER: {"queue": DELIVERIES.name},
            SWEEP: {"queue": SWEEPS.name},
            RECOVER: {"queue": RECOVERIES.name},
            WATCH: {"queue": FEEDS.name},
            MAIL: {"queue": MAILS.name},
        },
        task_ignore_result=True,
        task_serializer="json",
        accept_content=["json"],
        # A publish that cannot be made is told at once; by default it waits for ever.
        task_publish_retry=False,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        # A Redis that refuses to write is an outage too: full, read-only after a failover, its disk full.
        broker_channel_error_retry=True,
        worker_hijack_root_logger=False,
        **broker,
    )
    return app


class DeliverQueue:
    """Where ids are published for the workers: `webhooks.ringing.Ring`."""

    def __init__(self, app: Celery) -> None:
        self._app = app
        self._publisher = _Publisher(app, DELIVER)

    def __call__(self, hook_ids: Sequence[str], delay: float = 0.0, lane: str = "express") -> None:
        """Publish ids to be attempted in `delay` seconds, many in a message, to the queue of their lane.

        It never raises: the ids are in the ledger, and the sweep will publish them.
        """
        self._publisher.publish(hook_ids, _QUEUE_OF_LANE[lane], delay)

    def long_lanes(self) -> list[str]:
        """Return the lanes in which more than `MANY_MESSAGES` wait; none if the broker cannot be asked."""
        try:
            with self._app.connection_or_acquire() as connection:
                return [
                    lane for lane, queue in _QUEUE_OF_LANE.items() if _length(connection, queue) > MANY_MESSAGES
                ]
        except Exception as error:  # noqa: BLE001  whatever it is, the sweep must go on
            log.warning("queue.unreachable", reason=type(error).__name__)
            return []


class MailQueue:
    """Where ids of e-mails are published for the workers."""

    def __init__(self, app: Celery) -> None:
        self._publisher = _Publisher(app, MAIL)

    def __call__(self, mail_ids: Sequence[str]) -> None:
        """Publish ids, many in a message. It never raises: the sweep publishes them again."""
        self._publisher.publish(mail_ids, MAILS.name)


class _Publisher:
    """Publishes ids as messages to one task, and never raises.

    For a moment after the broker could not be reached it is not tried again: each try may take a second.
    """

    def __init__(self, app: Celery, task: str) -> None:
        self._app = app
        self._task = task
        self._silent_until = 0.0

    def publish(self, all_ids: Sequence[str], queue: str, delay: float = 0.0) -> None:
        if monotonic() < self._silent_until:
            return
        for start in range(0, len(all_ids), IDS_IN_A_MESSAGE):
            ids = list(all_ids[start : start + IDS_IN_A_MESSAGE])
            try:
                self._publish(ids, queue, delay)
            except Exception as error:  # noqa: BLE001  whatever it is must not turn a stored event into an error
                log.warning("queue.unreachable", ids=len(all_ids) - start, reason=type(error).__name__)
                self._silent_until = monotonic() + SILENCE
                return

    def _publish(self, ids: list[str], queue: str, delay: float) -> None:
        publish = partial(self._app.send_task, self._task, args=[ids], countdown=delay or None, queue=queue)
        began = monotonic()
        try:
            publish()
        except Exception:
            if monotonic() - began > AT_ONCE:
                raise
            publish()


class RecoverQueue:
    """Where recoveries are published for the workers: `webhooks.recovering.Publish`."""

    def __init__(self, app: Celery) -> None:
        self._app = app

    def __call__(self, recovery_id: str, step: int) -> None:
        """Publish a recovery to be gone on with. It never raises: the sweep will publish it again."""
        try:
            self._app.send_task(RECOVER, args=[recovery_id, step])
        except Exception as error:  # noqa: BLE001  whatever it is must not end what is in order
            log.warning("queue.unreachable", recovery_id=recovery_id, reason=type(error).__name__)


def _length(connection: Any, queue: str) -> int:
    try:
        return int(connection.default_channel.queue_declare(queue, passive=True).message_count)
    except connection.channel_errors:  # in Redis, a queue without messages is not there
        return 0
