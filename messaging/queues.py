"""Celery: the tasks' names, the queues, and how both ends are set up.

A message carries ids and nothing else. It is a hint that there may be something to do: losing or doubling one does
no harm, because the ledger knows what is owed, e-mails too, and how far a recovery has come.
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

#: Seconds after which beat's messages are dropped if no worker has taken them, so that they do not pile up without
#: workers. It is a moment by the clocks of two machines: far more than these may differ by.
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
        # A publish that cannot be made fails at once; by default it waits for ever.
        task_publish_retry=False,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        # A Redis that refuses to write is an outage too: full, read-only after a failover, its disk full.
        broker_channel_error_retry=True,
        worker_hijack_root_logger=False,
        **broker,
    )
    return app
