"""The composition root of a worker process, its start and its stop."""

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

#: Seconds after the deadline of a call that a stopping worker waits for the record.
STOP_MARGIN = 2.0
#: The longest time that it waits, in seconds, whatever the deadline of a call; then it gives the claims back.
MAX_STOP_WAIT = 12.0
#: Seconds that it waits for the feed that is being read; after that, the feed is polled again later.
FEED_STOP_WAIT = 0.5
#: Seconds after which a stopping worker ends in any case. Nothing is lost, as leases run out. A supervisor must
#: wait longer than this before it kills the process.
STOP_SECONDS = 14.5

log = structlog.get_logger()


@dataclass(frozen=True)
class Queues:
    """The publishers that a worker uses.

    Attributes:
        deliveries: publishes hookIds.
        long_lanes: returns the lanes with many messages.
        recoveries: publishes a recovery.
        mails: publishes ids of e-mails.
        lanes: the lanes to which Lua scripts append messages; None if they may not.
    """

    deliveries: PublishIds
    long_lanes: Callable[[], Collection[str]]
    recoveries: Publish
    mails: Callable[[Sequence[str]], None]
    lanes: Mapping[str, CeleryList] | None = None


class Worker:
    """The composition root of a worker: everything is made in `start` and handed in.

    The methods ignore the arguments of Celery's signals.
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
        """Make everything, and start the threads.

        Threads do not start on import, so that beat, which loads the same application, has none.

        Raises:
            SystemExit: something cannot be made. Celery only logs other errors in a signal handler; the worker
                would continue, take messages, and make no calls.
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
        """Begin no more attempts, polls or e-mails, because Celery stops.

        It runs in a signal handler, so it starts no thread: that needs a lock which the interrupted code may hold.
        """
        self.dispatcher.stop_claiming()
        self.feed_poller.stop()
        self.mail_sender.stop()
        self._told_to_stop.set()

    def stop(self, **_: object) -> None:
        """Wait until calls in flight, and an e-mail that is being sent, have ended and are recorded."""
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
    except (OSError, ValueError) as error:  # the system does not report it, or in another form
        log.warning("worker.cores_unknown", reason=str(error))


def _stop_process() -> None:
    """Stop the worker in order, so that its supervisor restarts it: otherwise it would claim without calling."""
    os.kill(os.getpid(), signal.SIGTERM)
