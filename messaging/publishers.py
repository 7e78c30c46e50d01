"""Who puts messages into the queues: each takes ids, and never raises.

The ids are in Redis, and the sweep publishes what was not published.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from time import monotonic
from typing import Any

import structlog
from celery import Celery

from messaging.prepared import PreparedList, prepared_list
from messaging.queues import BULK, DELIVER, DELIVERIES, MAIL, RECOVER

#: How many ids one message carries at most.
IDS_IN_A_MESSAGE = 500
#: So many ids keep a worker busy for about two seconds.
MANY_IDS = 10_000
#: How many ids a message is taken to have, if the broker does not show one.
USUAL_IDS = 100
#: Seconds after a failure in which nothing is published.
SILENCE = 1.0
#: A publish that fails sooner, in seconds, may have met a connection that had died while idle, so it is made once
#: more; a refusal comes as quickly the second time.
AT_ONCE = 0.5

_QUEUE_OF_LANE = {"express": DELIVERIES, "bulk": BULK}

log = structlog.get_logger()


class DeliverQueue:
    """Where ids are published for the workers: `webhooks.deliveries.wakeup.PublishIds`."""

    def __init__(self, app: Celery) -> None:
        self._app = app
        self._publisher = _Publisher(app, DELIVER)

    def __call__(self, hook_ids: Sequence[str], delay: float = 0.0, lane: str = "express") -> None:
        """Publish ids to be attempted in `delay` seconds, many in a message, to the queue of their lane."""
        for ids in _portions(hook_ids):
            self._publisher.publish(ids, queue=_QUEUE_OF_LANE[lane].name, countdown=delay or None)

    def lanes(self) -> dict[str, PreparedList]:
        """Return for each lane what Redis needs to put messages there by itself, if it is the broker."""
        return {lane: prepared_list(self._app, DELIVER, queue) for lane, queue in _QUEUE_OF_LANE.items()}

    def long_lanes(self) -> list[str]:
        """Return the lanes in which more than about `MANY_IDS` wait; none if the broker cannot be asked."""
        try:
            with self._app.connection_or_acquire() as connection:
                return [
                    lane for lane, queue in _QUEUE_OF_LANE.items() if _ids_in(connection, queue.name) > MANY_IDS
                ]
        except Exception as error:  # noqa: BLE001  whatever it is, the sweep must go on
            log.warning("queue.unreachable", reason=type(error).__name__)
            return []


class MailQueue:
    """Where ids of e-mails are published for the workers."""

    def __init__(self, app: Celery) -> None:
        self._publisher = _Publisher(app, MAIL)

    def __call__(self, mail_ids: Sequence[str]) -> None:
        """Publish ids, many in a message."""
        for ids in _portions(mail_ids):
            self._publisher.publish(ids)


class RecoverQueue:
    """Where recoveries are published for the workers: `webhooks.redelivery.bulk.Publish`."""

    def __init__(self, app: Celery) -> None:
        self._publisher = _Publisher(app, RECOVER)

    def __call__(self, recovery_id: str, step: int) -> None:
        """Publish a recovery to be gone on with."""
        self._publisher.publish(recovery_id, step)


class _Publisher:
    """Publishes messages to one task, and never raises.

    For a moment after the broker could not be reached it is not tried again: each try may take a second.
    """

    def __init__(self, app: Celery, task: str) -> None:
        self._app = app
        self._task = task
        self._silent_until = 0.0

    def publish(self, *args: Any, **options: Any) -> None:
        if monotonic() < self._silent_until:
            return
        try:
            self._publish(partial(self._app.send_task, self._task, args=args, **options))
        except Exception as error:  # noqa: BLE001  whatever it is must not turn a stored event into an error
            log.warning("queue.unreachable", task=self._task, reason=type(error).__name__)
            self._silent_until = monotonic() + SILENCE

    @staticmethod
    def _publish(publish: partial[Any]) -> None:
        began = monotonic()
        try:
            publish()
        except Exception:
            if monotonic() - began > AT_ONCE:
                raise
            publish()


def _portions(ids: Sequence[str]) -> Iterator[list[str]]:
    for start in range(0, len(ids), IDS_IN_A_MESSAGE):
        yield list(ids[start : start + IDS_IN_A_MESSAGE])


def _ids_in(connection: Any, queue: str) -> int:
    """Return about how many ids wait in a queue, as if all its messages were like the one that is taken next."""
    channel = connection.default_channel
    try:
        messages = int(channel.queue_declare(queue, passive=True).message_count)
    except connection.channel_errors:  # in Redis, a queue without messages is not there
        return 0
    return messages * (channel.ids_in_next(queue) if hasattr(channel, "ids_in_next") else USUAL_IDS)
