"""The Celery application: `celery --app webhooks_worker.app worker` and `… beat` find `app` here."""

from __future__ import annotations

import sys

from celery import Celery
from celery.signals import setup_logging, worker_init, worker_shutdown, worker_shutting_down

from config.logs import configure_logs
from config.settings import Settings, SettingsError
from messaging.broker import broker_settings
from messaging.publishers import DeliverQueue, MailQueue, RecoverQueue
from messaging.queues import BEAT_EXPIRES, SWEEP, WATCH, celery_app
from webhooks.deliveries.sweep import INTERVAL
from webhooks.feeds.polling_limits import TICK
from webhooks_worker.schedules import MonotonicInterval
from webhooks_worker.signs_of_life import signs_of_life
from webhooks_worker.tasks import register_tasks
from webhooks_worker.worker import Queues, Worker

#: Messages that a worker process handles at the same time. Few are enough, as a task only begins its calls.
THREADS = 2

# Without a retry, beat would keep using a dead connection to RabbitMQ.
_OPTIONS = {"expires": BEAT_EXPIRES, "retry": True, "retry_policy": {"max_retries": 1}}
_SCHEDULE = {
    "sweep": {"task": SWEEP, "schedule": MonotonicInterval(INTERVAL), "options": _OPTIONS},
    "watch": {"task": WATCH, "schedule": MonotonicInterval(TICK), "options": _OPTIONS},
}


def create_app(settings: Settings) -> Celery:
    """Return the Celery application, with a worker that starts and stops with Celery's."""
    app = celery_app("ringback", broker_settings(settings.redis, settings.rabbitmq))
    app.conf.update(
        worker_pool="threads",
        worker_concurrency=THREADS,
        worker_enable_remote_control=False,
        beat_schedule=_SCHEDULE,
        beat_scheduler="celery.beat:Scheduler",  # in memory: tasks of every second need no stored schedule
    )
    queue = DeliverQueue(app)
    lanes = queue.lanes() if settings.redis_publishes else None
    worker = Worker(settings, Queues(queue, queue.long_lanes, RecoverQueue(app), MailQueue(app), lanes))
    register_tasks(app, worker)
    app.steps["consumer"].add(signs_of_life(worker.sign_of_life))
    setup_logging.connect(configure_logs, weak=False)
    worker_init.connect(configure_logs, weak=False)  # its start logs before Celery sets up logging
    worker_init.connect(worker.start, weak=False)
    worker_shutting_down.connect(worker.begin_to_stop, weak=False)
    worker_shutdown.connect(worker.stop, weak=False)
    return app


def _settings() -> Settings:
    """Read the settings; if one is wrong, end the process with one sentence, as gunicorn does."""
    try:
        return Settings.from_environment()
    except SettingsError as error:
        sys.exit(f"Error: {error}")


app = create_app(_settings())
