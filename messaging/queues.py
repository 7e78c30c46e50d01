"""Celery: the names of tasks, the queues, and the settings of publishers and workers.

A message has ids, and a recovery also its next step. It is a hint that there may be work: a lost or doubled
message does no harm, as Redis knows which deliveries and e-mails are owed, and how far each recovery has come.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from celery import Celery
from kombu import Exchange, Queue

from messaging.redis_transport import use_steadfast_transports

DELIVER = "webhooks.deliver"
MAIL = "webhooks.mail"
SWEEP = "webhooks.sweep"
RECOVER = "webhooks.recover"
WATCH = "webhooks.watch"

DELIVERIES = Queue("deliveries", Exchange("deliveries"), routing_key="deliveries")
#: Workers take from the queues in turn, so an account with few deliveries does not wait behind one with many.
BULK = Queue("bulk", Exchange("bulk"), routing_key="bulk")
#: A separate queue, so that e-mails do not wait behind a backlog, and nothing waits behind e-mails.
MAILS = Queue("mails", Exchange("mails"), routing_key="mails")
#: A separate queue, so that a sweep does not wait behind a backlog.
SWEEPS = Queue("sweeps", Exchange("sweeps"), routing_key="sweeps")
#: Recoveries; they alternate with everything else, and with each other.
RECOVERIES = Queue("recoveries", Exchange("recoveries"), routing_key="recoveries")
#: A separate queue: feeds are polled even during a backlog, and no delivery waits behind them.
FEEDS = Queue("feeds", Exchange("feeds"), routing_key="feeds")

#: Seconds after which beat's messages are dropped if no worker has taken them, so that they do not pile up without
#: workers. Two machines' clocks are compared, so it is far more than these may differ.
BEAT_EXPIRES = 6 * 3600


def celery_app(name: str, broker: Mapping[str, Any]) -> Celery:
    """Return a Celery application; nothing is connected yet.

    Args:
        broker: Celery's settings for its broker, from `messaging.broker`.
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
        # A publish fails at once if the broker is unreachable; by default, it would wait for ever.
        task_publish_retry=False,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        # A Redis that refuses to write is an outage too: out of memory, read-only after a failover, or with a full
        # disk.
        broker_channel_error_retry=True,
        worker_hijack_root_logger=False,
        **broker,
    )
    return app
