"""RabbitMQ as the broker: it may hang or die, and events are still accepted and delivered."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest

from harness.chaos.rabbitmq import PROGRAM, RabbitMQ
from running import HUNG, Customer, Running
from samples import SAMPLES
from webhooks_local.certificates import Certificates
from webhooks_local.machine import Machine
from webhooks_local.receiver import Receiver

pytestmark = [
    pytest.mark.alone,
    pytest.mark.skipif(PROGRAM is None, reason="there is no rabbitmq-server on PATH"),
]


@pytest.fixture(scope="module")
def rabbitmq(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RabbitMQ]:
    with RabbitMQ(tmp_path_factory.mktemp("rabbitmq") / "server") as server:
        yield server


@pytest.fixture(scope="module")
def on_rabbitmq(
    rabbitmq: RabbitMQ,
    empty_databases: Iterator[str],
    certificates: Certificates,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Running]:
    logs = tmp_path_factory.mktemp("rabbitmq-logs")
    redis_url, ca = next(empty_databases), certificates.authority
    with Running(redis_url, ca, logs, WEBHOOKS_BROKER_URL=rabbitmq.url, WEBHOOKS_RETRY_DELAYS="1,2") as running:
        yield running


@pytest.fixture(scope="module")
def acme(on_rabbitmq: Running) -> Customer:
    return Customer(on_rabbitmq)


def test_retries_arrive_when_they_are_due(on_rabbitmq: Running, acme: Customer, receiver: Receiver) -> None:
    ref_id = acme.profile("retried", social=receiver.url("/fail/2/rabbitmq"))
    with Machine() as machine:
        hook_id = on_rabbitmq.send({**SAMPLES["social-link"], "refId": ref_id})
        acme.wait_for_state(hook_id, "delivered", HUNG)
    calls = receiver.calls("/fail/2/rabbitmq")
    first, second = (later.received - earlier.received for earlier, later in pairwise(calls))
    assert 1 <= first < 1 + machine.slack
    assert 2 <= second < 2 + machine.slack


def test_an_outage_of_rabbitmq_loses_no_event(
    rabbitmq: RabbitMQ, on_rabbitmq: Running, acme: Customer, receiver: Receiver
) -> None:
    """Events are accepted within 3 s in every state of RabbitMQ, and delivered in the end."""
    ref_id = acme.profile("outage", social=receiver.url("/ok/outage"))
    event = {**SAMPLES["social-link"], "refId": ref_id}
    accepted = _send(on_rabbitmq, event, 100)
    with rabbitmq.frozen():
        accepted += _send(on_rabbitmq, event, 100)
    accepted += _send(on_rabbitmq, event, 100)
    rabbitmq.kill()
    accepted += _send(on_rabbitmq, event, 100)
    rabbitmq.start()
    accepted += _send(on_rabbitmq, event, 100)
    for hook_id in accepted:
        acme.wait_for_state(hook_id, "delivered", HUNG)
    assert [on_rabbitmq.stop_in_time(name) for name in ("worker", "beat")] == [0, 0]


def _send(running: Running, event: dict[str, object], times: int) -> list[str]:
    """Send an event this often at once, and return the hookIds."""

    def send(_: int) -> tuple[float, str]:
        begun = time.monotonic()
        hook_id = running.send(event)
        return time.monotonic() - begun, hook_id

    with Machine() as machine, ThreadPoolExecutor(times) as callers:
        sent = list(callers.map(send, range(times)))
    assert max(seconds for seconds, _ in sent) < 3 + machine.slack
    return [hook_id for _, hook_id in sent]
