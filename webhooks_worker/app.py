"""The worker's composition root: here everything is made and handed in.

`celery --app webhooks_worker.app worker` and `… beat` find `app` here.
"""

from __future__ import annotations

import resource
from datetime import timedelta
from importlib.metadata import version

from celery import Celery
from celery.signals import heartbeat_sent, setup_logging, worker_init, worker_shutdown

from config.logs import configure_logs
from config.queues import SWEEP, SWEEP_EXPIRES, DeliverQueue, celery_app
from config.settings import Settings
from webhooks.delivering import Delivering, Limits
from webhooks.secrets import SecretBox
from webhooks.store.connection import connect
from webhooks.store.ledger import RedisLedger
from webhooks.store.workers import RedisWorkers
from webhooks.sweeping import INTERVAL, Sweeping
from webhooks.transport import Transport
from webhooks_worker.tasks import Duties, register_tasks

#: Messages that a worker process handles at the same time. Each is handed on at once, so few are enough.
THREADS = 4
#: Seconds that calls in flight get to end and be recorded when the worker stops; one takes up to the timeout.
PATIENCE_MARGIN = 2.0


def create_app(settings: Settings) -> Celery:
    """Return the Celery application. A worker's threads start with the worker, so beat has none of them."""
    app = celery_app("ringback", settings.redis_url)
    app.conf.update(
        worker_pool="threads",
        worker_concurrency=THREADS,
        worker_enable_remote_control=False,
        beat_schedule={
            "sweep": {"task": SWEEP, "schedule": INTERVAL, "options": {"expires": SWEEP_EXPIRES}},
        },
        beat_scheduler="celery.beat:Scheduler",  # in memory: a sweep each second has nothing to remember
    )
    duties = Duties()
    register_tasks(app, duties)
    redis = connect(settings.redis_url)
    ledger = RedisLedger(redis, timedelta(days=settings.history_days))
    ring = DeliverQueue(app)

    @setup_logging.connect(weak=False)
    def _log(**_: object) -> None:
        configure_logs()

    @worker_init.connect(weak=False)
    def _start(**_: object) -> None:
        _allow_many_sockets()
        transport = Transport(
            settings.timeout, f"Ringback/{version('ringback')}", settings.allowed_networks, settings.ca_bundle
        )
        limits = Limits(settings.timeout, settings.retry_delays)
        duties.delivering = Delivering(ledger, transport, SecretBox(settings.secret_keys), ring, limits)
        duties.sweeping = Sweeping(ledger, ring)

    @heartbeat_sent.connect(weak=False)
    def _sign_of_life(**_: object) -> None:
        RedisWorkers(redis).sign_of_life()

    @worker_shutdown.connect(weak=False)
    def _stop(**_: object) -> None:
        duties.delivering.close(settings.timeout + PATIENCE_MARGIN)

    return app


def _allow_many_sockets() -> None:
    """Use all file descriptors that the system grants: each call in flight and each kept connection takes one."""
    _, granted = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (granted, granted))


app = create_app(Settings.from_environment())
