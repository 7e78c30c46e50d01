"""What a worker process is made of, from its start to its stop."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from importlib.metadata import version
from time import monotonic, sleep

import structlog

from config.settings import Settings
from webhooks.admission.process_limits import process_limits_within
from webhooks.deliveries.accept import EventIntake
from webhooks.deliveries.claimer import AttemptLimits
from webhooks.deliveries.dispatch import Dispatcher
from webhooks.deliveries.sweep import Sweep
from webhooks.deliveries.wakeup import CeleryList, PublishIds
from webhooks.errors import StorageUnavailable
from webhooks.feeds.new_items import NewItemPublisher
from webhooks.feeds.poll import FeedPoller
from webhooks.feeds.polling_limits import PollingLimits
from webhooks.feeds.reader import DEADLINE, read_feed
from webhooks.http.resolver import Resolver
from webhooks.http.transport import Transport
from webhooks.mail.send import LogBackend, MailBackend, MailSender
from webhooks.mail.smtp import SmtpBackend
from webhooks.mail.thread import MailThread
from webhooks.redelivery.bulk import Publish, RecoveryRunner
from webhooks.runtime.cores import keep_to_one_core
from webhooks.runtime.memory import collect_garbage_seldom
from webhooks.runtime.open_files import allow_many_open_files
from webhooks.signing.secret_box import SecretBox
from webhooks.store.accounts import RedisAccounts
from webhooks.store.connection import connect
from webhooks.store.feeds import RedisFeeds
from webhooks.store.ledger import RedisLedger
from webhooks.store.mails import RedisMails
from webhooks.store.records import RedisRecords
from webhooks.store.redeliveries import RedisRecoveries
from webhooks.store.webhooks import RedisWebhooks
from webhooks.store.workers import RedisWorkers

#: Seconds beyond the deadline of a call that a stopping worker waits for it to be recorded.
STOP_MARGIN = 2.0
#: Seconds that it waits at most, whatever the deadline of a call is; then it gives calls back.
MAX_STOP_WAIT = 12.0
#: Seconds that it waits for the feed which is being read; if it is not done by then, it is fetched again.
FEED_STOP_WAIT = 0.5
#: Seconds after which a worker that was told to stop ends, whatever holds it up. Nothing is lost by that, as
#: leases run out. A supervisor that kills processes which do not stop in time must wait longer than this.
STOP_SECONDS = 14.5

log = structlog.get_logger()


@dataclass(frozen=True)
class Queues:
    """Where a worker publishes what it or another has to do.

    Attributes:
        deliveries: takes hookIds.
        long_lanes: returns the lanes in which many messages wait.
        recoveries: takes the id of a recovery.
        mails: takes ids of e-mails.
        lanes: where Redis itself puts hookIds, if it may.
    """

    deliveries: PublishIds
    long_lanes: Callable[[], Collection[str]]
    recoveries: Publish
    mails: Callable[[Sequence[str]], None]
    lanes: Mapping[str, CeleryList] | None = None


class Worker:
    """The composition root of a worker: everything is made in `start` and handed in.

    The methods take and ignore what Celery's signals pass.
    """

    dispatcher: Dispatcher
    sweep: Sweep
    recovery_runner: RecoveryRunner
    feed_poller: FeedPoller
    mail_sender: MailSender
    mail_thread: MailThread

    def __init__(self, settings: Settings, queues: Queues, stop_seconds: float = STOP_SECONDS) -> None:
        self._settings = settings
        self._stop_seconds = stop_seconds
        self._queues = queues
        self._told_to_stop = threading.Event()

    def start(self, **_: object) -> None:
        """Make everything; threads start here, so that beat, which loads the same application, has none.

        Raises:
            SystemExit: something cannot be made. Celery only logs other errors of a signal; the worker would live
                on, take messages, and make no calls.
        """
        try:
            self._make()
        except Exception as error:
            log.exception("worker.cannot_start")
            raise SystemExit(1) from error

    def _make(self) -> None:
        settings, queues = self._settings, self._queues
        open_files = allow_many_open_files()
        capacity = process_limits_within(open_files)
        if not capacity.is_full:
            log.warning(
                "worker.few_open_files",
                open_files=open_files,
                calls=capacity.calls,
                connections=capacity.connections,
            )
        redis = connect(settings.redis.url, settings.redis.sentinels)
        history = timedelta(days=settings.history_days)
        ledger = RedisLedger(redis, history, replicas=settings.replicas, lanes=queues.lanes)
        user_agent = f"Ringback/{version('ringback')}"
        self._transport = Transport(
            settings.timeout,
            user_agent,
            settings.allowed_networks,
            settings.ca_bundle,
            connections=capacity.connections,
            resolver=Resolver(settings.name_servers),
            on_failure=_stop_process,
        )
        make_room = self._transport.make_room
        limits = AttemptLimits(settings.timeout, settings.retry_delays, capacity.calls)
        box = SecretBox(settings.secret_keys)
        self.dispatcher = Dispatcher(
            ledger, self._transport, box, queues.deliveries, limits, on_failure=_stop_process
        )
        self.sweep = Sweep(ledger, queues.deliveries, queues.long_lanes)
        accounts = RedisAccounts(redis)
        self.recovery_runner = RecoveryRunner(
            RedisRecords(redis), RedisRecoveries(redis), accounts, queues.deliveries, queues.recoveries
        )
        feeds = RedisFeeds(redis)
        item_publisher = NewItemPublisher(
            feeds, EventIntake(RedisWebhooks(redis), ledger, queues.deliveries).accept
        )
        polling_limits = PollingLimits(settings.feed_interval, settings.timeout, DEADLINE)
        self.feed_poller = FeedPoller(
            feeds, self._transport, partial(read_feed, on_shortage=make_room), item_publisher, polling_limits
        )
        self.mail_sender = MailSender(RedisMails(redis), accounts, self._mail_backend(), queues.mails)
        self.mail_thread = MailThread(self.mail_sender.send)
        self._workers = RedisWorkers(redis)
        collect_garbage_seldom()
        threading.Thread(target=self._end_in_time, name="deadline", daemon=True).start()
        threading.Thread(target=_keep_to_one_core, name="core", daemon=True).start()

    def _mail_backend(self) -> MailBackend:
        settings = self._settings
        if settings.smtp is None:
            return LogBackend()
        return SmtpBackend(
            settings.smtp, settings.email_from, settings.ca_bundle, on_shortage=self._transport.make_room
        )

    def sign_of_life(self) -> None:
        """Record in Redis that a worker is alive, if Redis is available."""
        with suppress(StorageUnavailable):
            self._workers.sign_of_life()

    def begin_to_stop(self, **_: object) -> None:
        """Begin no more attempts, polls or e-mails: Celery has been told to stop.

        It runs in a signal handler, so it starts no thread: that takes a lock which the interrupted code may hold.
        """
        self.dispatcher.stop_claiming()
        self.feed_poller.stop()
        self.mail_sender.stop()
        self._told_to_stop.set()

    def stop(self, **_: object) -> None:
        """Let calls in flight and an e-mail that is being sent end and be recorded."""
        deadline = monotonic() + MAX_STOP_WAIT
        self.feed_poller.close(FEED_STOP_WAIT)
        self.dispatcher.close(min(self._settings.timeout + STOP_MARGIN, MAX_STOP_WAIT))
        self.mail_thread.close(max(0.0, deadline - monotonic()))
        self._transport.close()

    def _end_in_time(self) -> None:
        self._told_to_stop.wait()
        sleep(self._stop_seconds)
        os._exit(1)


def _keep_to_one_core() -> None:
    try:
        keep_to_one_core()
    except (OSError, ValueError) as error:  # where the system reports nothing, or in another form
        log.warning("worker.cores_unknown", reason=str(error))


def _stop_process() -> None:
    """Stop in order, to be started again: a worker that lived on without its calls would go on claiming."""
    os.kill(os.getpid(), signal.SIGTERM)
