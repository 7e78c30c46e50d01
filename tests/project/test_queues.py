"""Procfile, queues, tasks and messages agree, although none of them imports the others."""

from __future__ import annotations

import importlib
import inspect
import re
import socket
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from celery import Celery
from cryptography.fernet import Fernet
from honcho.environ import parse_procfile
from kombu import Queue
from kombu.exceptions import OperationalError
from structlog.testing import capture_logs

import webhooks.store
from config.redis_url import parse_redis_url
from messaging.broker import broker_settings
from messaging.envelopes import check_envelope
from messaging.publishers import IDS_IN_A_MESSAGE, MANY_IDS, USUAL_IDS, DeliverQueue, MailQueue, RecoverQueue
from messaging.queues import (
    BULK,
    DELIVER,
    DELIVERIES,
    FEEDS,
    MAIL,
    MAILS,
    RECOVER,
    RECOVERIES,
    SWEEP,
    SWEEPS,
    WATCH,
    celery_app,
)
from webhooks.deliveries.wakeup import Lane
from webhooks_local.machine import Machine

#: The number of messages from which a queue of a broker that does not show them is long.
MANY_MESSAGES = MANY_IDS // USUAL_IDS

ROOT = Path(__file__).parents[2]
PROCFILE = parse_procfile((ROOT / "Procfile").read_text()).processes


@pytest.fixture(scope="module")
def worker_app() -> Celery:
    """The application that the Procfile's `worker` and `beat` load, with a broker in memory."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("REDIS_URL", "redis://redis.invalid/0")
        environment.setenv("WEBHOOKS_ADMIN_KEY", "a-key")
        environment.setenv("WEBHOOKS_PRODUCER_KEYS", "a-key")
        environment.setenv("WEBHOOKS_SECRET_KEYS", Fernet.generate_key().decode())
        app: Celery = importlib.import_module("webhooks_worker.app").app
    app.conf.update(broker_url="memory://localhost", broker_transport_options={})
    return app


@pytest.fixture
def celery(worker_app: Celery) -> Celery:
    """The same application, without messages."""
    messages(worker_app)
    return worker_app


def messages(celery: Celery, of: Queue = DELIVERIES) -> list[Any]:
    """Take all messages from a queue."""
    with celery.connection_for_read() as connection:
        channel = connection.default_channel
        queue = of(channel)
        queue.declare()
        return list(iter(lambda: queue.get(no_ack=True), None))


def test_the_workers_of_the_procfile_consume_every_queue() -> None:
    words = PROCFILE["worker"].split()
    assert words[words.index("--queues") + 1].split(",") == [
        *(DELIVERIES.name, BULK.name, SWEEPS.name),
        *(RECOVERIES.name, FEEDS.name, MAILS.name),
    ]


def test_no_queue_has_the_name_of_a_redis_key() -> None:
    """In Redis a queue is a list with the name of the queue."""
    keys = set(re.findall(r"^\| `([^`]+)` \|", str(webhooks.store.__doc__), re.MULTILINE))
    assert {"alarms", "unfinished", "delivery:<hookId>"} <= keys
    assert keys.isdisjoint(queue.name for queue in (DELIVERIES, BULK, SWEEPS, RECOVERIES, FEEDS, MAILS))


def test_every_module_in_the_procfile_exists(worker_app: Celery) -> None:
    """The `--app` of both lines, and the module and the name of `web`."""
    assert isinstance(worker_app, Celery)
    assert all("--app webhooks_worker.app " in PROCFILE[line] for line in ("worker", "beat"))
    module, _, name = PROCFILE["web"].split()[-1].partition(":")
    assert f"{name} = " in (ROOT / f"{module.replace('.', '/')}.py").read_text()
    assert "--config python:webhooks_api.server.gunicorn " in PROCFILE["web"]


def test_every_task_has_its_own_queue(worker_app: Celery) -> None:
    """A task without a route would go to the default queue and wait behind deliveries."""
    ours = {name for name in worker_app.tasks if not name.startswith("celery.")}
    routes = {name: route["queue"] for name, route in worker_app.conf.task_routes.items()}
    assert routes == {
        DELIVER: DELIVERIES.name,
        SWEEP: SWEEPS.name,
        RECOVER: RECOVERIES.name,
        WATCH: FEEDS.name,
        MAIL: MAILS.name,
    }
    assert ours == set(routes)
    assert {queue.name for queue in worker_app.conf.task_queues} == {*routes.values(), BULK.name}


def test_every_scheduled_message_is_for_a_task_and_expires(worker_app: Celery) -> None:
    """Its messages must not pile up while no worker runs."""
    entries = worker_app.conf.beat_schedule.values()
    assert {entry["task"] for entry in entries} == {SWEEP, WATCH}
    for entry in entries:
        assert entry["options"]["expires"] > 0
        inspect.signature(worker_app.tasks[entry["task"]].run).bind(*entry.get("args", ()))


def test_a_message_fits_its_task(celery: Celery) -> None:
    DeliverQueue(celery)(["one", "two"])
    (message,) = messages(celery)
    args, kwargs, _ = message.payload
    bound = inspect.signature(celery.tasks[message.headers["task"]].run).bind(*args, **kwargs)
    assert message.headers["task"] == DELIVER
    assert bound.arguments == {"hook_ids": ["one", "two"]}


def test_the_message_of_a_recovery_fits_its_task(celery: Celery) -> None:
    RecoverQueue(celery)("an-id", 7)
    (message,) = messages(celery, RECOVERIES)
    args, kwargs, _ = message.payload
    bound = inspect.signature(celery.tasks[message.headers["task"]].run).bind(*args, **kwargs)
    assert message.headers["task"] == RECOVER
    assert bound.arguments == {"recovery_id": "an-id", "step": 7}


def test_emails_have_their_own_task_and_queue(celery: Celery) -> None:
    """A message contains one kind of ids, so neither e-mails nor deliveries wait behind a backlog of the other."""
    ids = [str(number) for number in range(IDS_IN_A_MESSAGE + 1)]
    MailQueue(celery)(ids)
    taken = messages(celery, MAILS)
    assert [message.payload[:2] for message in taken] == [
        [[ids[:IDS_IN_A_MESSAGE]], {}],
        [[ids[IDS_IN_A_MESSAGE:]], {}],
    ]
    assert {message.headers["task"] for message in taken} == {MAIL}
    assert inspect.signature(celery.tasks[MAIL].run).bind(ids).arguments == {"mail_ids": ids}
    assert messages(celery) == []


def test_each_lane_is_a_queue(celery: Celery) -> None:
    """An account with few deliveries does not wait behind one with very many."""
    for lane, queue in zip(Lane, (DELIVERIES, BULK), strict=True):
        DeliverQueue(celery)([lane.value], 0.0, lane)
        (message,) = messages(celery, queue)
        assert message.payload[0] == [[lane.value]]


def test_a_queue_with_many_messages_is_long(celery: Celery) -> None:
    """The sweep does not publish again what is already waiting there."""
    queue = DeliverQueue(celery)
    with capture_logs() as logs:
        assert queue.long_lanes() == []
    assert logs == []
    for _ in range(MANY_MESSAGES + 1):
        queue(["one"], 0.0, Lane.BULK)
    assert queue.long_lanes() == [Lane.BULK]
    assert len(messages(celery, BULK)) == MANY_MESSAGES + 1
    assert queue.long_lanes() == []


def test_a_message_contains_ids_only(celery: Celery) -> None:
    """A message is a hint; it never contains a payload, a URL or a secret."""
    DeliverQueue(celery)(["one"])
    (message,) = messages(celery)
    args, kwargs, _ = message.payload
    assert (args, kwargs) == ([["one"]], {})
    assert message.content_type == "application/json"


@pytest.mark.parametrize("delay", [0.0, 5.0])
def test_a_worker_accepts_the_message(celery: Celery, delay: float) -> None:
    """A worker sets aside what it does not recognize as a message; Celery's own messages must be recognized."""
    DeliverQueue(celery)(["one"], delay)
    with celery.connection_for_read() as connection:
        channel: Any = connection.default_channel
        check_envelope(channel._get(DELIVERIES.name))


def test_many_ids_share_a_message(celery: Celery) -> None:
    ids = [str(number) for number in range(2 * IDS_IN_A_MESSAGE + 20)]
    DeliverQueue(celery)(ids)
    published = [message.payload[0][0] for message in messages(celery)]
    assert [len(part) for part in published] == [IDS_IN_A_MESSAGE, IDS_IN_A_MESSAGE, 20]
    assert list(chain(*published)) == ids


@pytest.mark.parametrize(("delay", "delayed"), [(0.0, False), (0.5, True), (5.0, True)])
def test_a_delay_becomes_a_countdown(celery: Celery, delay: float, delayed: bool) -> None:
    DeliverQueue(celery)(["one"], delay)
    (message,) = messages(celery)
    assert (message.headers["eta"] is not None) is delayed


def test_a_dead_idle_connection_is_no_outage(celery: Celery, monkeypatch: pytest.MonkeyPatch) -> None:
    """The publish fails at once, and the next one opens a new connection."""
    publish, failures = celery.send_task, [OperationalError("Connection reset by peer")]

    def send_task(*args: Any, **options: Any) -> Any:
        if failures:
            raise failures.pop()
        return publish(*args, **options)

    monkeypatch.setattr(celery, "send_task", send_task)
    with capture_logs() as logs:
        DeliverQueue(celery)(["one"])
    assert [message.payload[0] for message in messages(celery)] == [[["one"]]]
    assert logs == []


def test_without_ids_nothing_is_published(celery: Celery) -> None:
    DeliverQueue(celery)([])
    assert messages(celery) == []


@pytest.mark.alone
def test_a_failure_to_publish_does_not_raise() -> None:
    """The ids are in the ledger, and the sweep will publish them. The caller does not wait either."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    publish_ids = DeliverQueue(
        celery_app("tests", broker_settings(parse_redis_url(f"redis://127.0.0.1:{port}/0")))
    )
    with capture_logs() as logs, Machine() as machine:
        publish_ids([str(number) for number in range(200)])
    assert machine.seconds < 2 + machine.slack
    assert [(log["event"], log["task"]) for log in logs] == [("queue.unreachable", DELIVER)]


def test_a_failure_to_publish_a_recovery_does_not_raise() -> None:
    """The sweep will publish it, and does not try the other recoveries in vain."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    app = celery_app("tests", broker_settings(parse_redis_url(f"redis://127.0.0.1:{port}/0")))
    with capture_logs() as logs:
        queue = RecoverQueue(app)
        for recovery_id in ("one", "another"):
            queue(recovery_id, 0)
    assert [(log["event"], log["task"]) for log in logs] == [("queue.unreachable", RECOVER)]


def test_the_length_of_a_queue_in_redis_is_counted_in_ids(flushed_redis_url: str) -> None:
    """Redis has no empty lists; the sweep, which asks every second, must not take that for an outage."""
    app = celery_app("test", broker_settings(parse_redis_url(flushed_redis_url)))
    queue = DeliverQueue(app)
    with capture_logs() as logs:
        assert queue.long_lanes() == []
        for _ in range(MANY_MESSAGES + 1):
            queue(["one"])
        queue(["one"] * (MANY_IDS + IDS_IN_A_MESSAGE), 0.0, Lane.BULK)
        assert queue.long_lanes() == [Lane.BULK]
    assert logs == []
    app.close()
