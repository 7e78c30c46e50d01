"""The publishers of messages. Each takes ids, and never raises.

The ids are in Redis, and the sweep publishes those that could not be published.
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

#: The maximum number of ids in a message.
IDS_IN_A_MESSAGE = 500
#: A lane with more ids than these is long: they keep a worker busy for about two seconds.
MANY_IDS = 10_000
#: The assumed number of ids in a message if the broker does not show one.
USUAL_IDS = 100
#: Seconds for which nothing is published after a failure.
SILENCE = 1.0
#: A publish that fails in less time, in seconds, may have used a connection that had died while idle, so it is
#: repeated once; a real refusal is as quick the second time.
AT_ONCE = 0.5

_QUEUE_OF_LANE = {"express": DELIVERIES, "bulk": BULK}

log = structlog.get_logger()


class DeliverQueue:
    """Publishes ids of deliveries: a `webhooks.deliveries.wakeup.PublishIds`."""

    def __init__(self, app: Celery) -> None:
        self._app = app
        self._publisher = _Publisher(app, DELIVER)

    def __call__(self, hook_ids: Sequence[str], delay: float = 0.0, lane: str = "express") -> None:
        """Publish ids to the queue of their lane, many in a message, to be attempted in `delay` seconds."""
        for ids in _portions(hook_ids):
            self._publisher.publish(ids, queue=_QUEUE_OF_LANE[lane].name, countdown=delay or None)

    def lanes(self) -> dict[str, PreparedList]:
        """Return for each lane the list and the template with which a Lua script appends messages."""
        return {lane: prepared_list(self._app, DELIVER, queue) for lane, queue in _QUEUE_OF_LANE.items()}

    def long_lanes(self) -> list[str]:
        """Return the lanes with more than about `MANY_IDS` ids; none if the broker does not answer."""
        try:
            with self._app.connection_or_acquire() as connection:
                return [
                    lane for lane, queue in _QUEUE_OF_LANE.items() if _ids_in(connection, queue.name) > MANY_IDS
                ]
        except Exception as error:  # noqa: BLE001  no error may stop the sweep
            log.warning("queue.unreachable", reason=type(error).__name__)
            return []


class MailQueue:
    """Publishes ids of e-mails."""

    def __init__(self, app: Celery) -> None:
        self._publisher = _Publisher(app, MAIL)

    def __call__(self, mail_ids: Sequence[str]) -> None:
        """Publish ids, many in a message."""
        for ids in _portions(mail_ids):
            self._publisher.publish(ids)


class RecoverQueue:
    """Publishes recoveries: a `webhooks.redelivery.bulk.Publish`."""

    def __init__(self, app: Celery) -> None:
        self._publisher = _Publisher(app, RECOVER)

    def __call__(self, recovery_id: str, step: int) -> None:
        """Publish a recovery, so that a worker continues it."""
        self._publisher.publish(recovery_id, step)


class _Publisher:
    """Publishes messages for one task, and never raises.

    After a failure, it pauses for a moment, as each try may take a second.
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
        except Exception as error:  # noqa: BLE001  no error may turn a stored event into a failed request
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
    """Return the approximate number of ids in a queue, as if all its messages were like the next one."""
    channel = connection.default_channel
    try:
        messages = int(channel.queue_declare(queue, passive=True).message_count)
    except connection.channel_errors:  # in Redis, an empty queue does not exist
        return 0
    return messages * (channel.ids_in_next(queue) if hasattr(channel, "ids_in_next") else USUAL_IDS)
