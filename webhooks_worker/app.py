"""The Celery application: `celery --app webhooks_worker.app worker` and `… beat` find `app` here."""

from __future__ import annotations

from celery import Celery
from celery.signals import heartbeat_sent, setup_logging, worker_init, worker_shutdown

from config.logs import configure_logs
from config.queues import SWEEP, SWEEP_EXPIRES, DeliverQueue, celery_app
from config.settings import Settings
from webhooks.sweeping import INTERVAL
from webhooks_worker.tasks import register_tasks
from webhooks_worker.worker import Worker

#: Messages that a worker process handles at the same time. Each is handed on at once, so few are enough.
THREADS = 4


def create_app(settings: Settings) -> Celery:
    """Return the Celery application, with a worker that starts and stops with Celery's."""
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
    worker = Worker(settings, DeliverQueue(app))
    register_tasks(app, worker)
    setup_logging.connect(configure_logs, weak=False)
    worker_init.connect(worker.start, weak=False)
    heartbeat_sent.connect(worker.sign_of_life, weak=False)
    worker_shutdown.connect(worker.stop, weak=False)
    return app


app = create_app(Settings.from_environment())
