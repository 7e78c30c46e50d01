"""Retries against a real HTTP server; only the clock is a double."""

from __future__ import annotations

from threading import Event

import pytest

from fake_clock import FakeClock
from scripted_service import (
    EVENT,
    KEY,
    LOST,
    UNAVAILABLE,
    Answer,
    Call,
    ScriptedService,
    receipt,
)
from webhooks_client import (
    Client,
    Unavailable,
)


def test_a_busy_service_is_retried_with_growing_waits(
    client: Client, service: ScriptedService, fake_clock: FakeClock
) -> None:
    service.script.extend([UNAVAILABLE, Answer(502), Answer(504)])
    assert client.send(EVENT).state == "queued"
    assert len(service.calls) == 4
    assert fake_clock.waits == [1.2, 0.4, 0.8]


def test_a_lost_answer_is_retried_with_the_same_key(client: Client, service: ScriptedService) -> None:
    """With another key, an event whose answer was lost would be stored and delivered twice."""
    service.script.extend([LOST, LOST, lambda call: Answer(202, receipt(call.json, duplicate=True))])
    assert client.send(EVENT).duplicate
    first, second, third = service.calls
    assert first.headers["Idempotency-Key"] == second.headers["Idempotency-Key"]
    assert second.headers["Idempotency-Key"] == third.headers["Idempotency-Key"]
    assert first.body == second.body == third.body


def test_retry_after_is_respected(client: Client, service: ScriptedService, fake_clock: FakeClock) -> None:
    service.script.append(Answer(429, {"status": "error"}, {"Retry-After": "7"}))
    client.send(EVENT)
    assert fake_clock.waits == [7.2]


def test_a_retry_after_beyond_the_patience_is_not_awaited(
    client: Client, service: ScriptedService, fake_clock: FakeClock
) -> None:
    service.script.append(Answer(429, {"status": "error"}, {"Retry-After": "31"}))
    with pytest.raises(Unavailable, match=r"Tries: 1; .* HTTP 429"):
        client.send(EVENT)
    assert fake_clock.waits == []


def test_retries_end_with_the_patience(client: Client, service: ScriptedService, fake_clock: FakeClock) -> None:
    service.script.extend([LOST] * 100)
    with pytest.raises(Unavailable, match=r"Tries: \d+; the last one: ConnectionError") as raised:
        client.send({**EVENT, "idempotencyKey": "order 42"})
    assert fake_clock.seconds == 30
    assert raised.value.unconfirmed == [{**EVENT, "idempotencyKey": "order 42"}]


def test_without_patience_there_is_one_attempt(service: ScriptedService, fake_clock: FakeClock) -> None:
    service.script.append(UNAVAILABLE)
    with Client(service.url, KEY, patience=0, clock=fake_clock.clock) as client, pytest.raises(Unavailable):
        client.send(EVENT)
    assert len(service.calls) == 1


def test_a_service_that_does_not_respond_is_retried(service: ScriptedService, fake_clock: FakeClock) -> None:
    released = Event()

    def hang(_: Call) -> Answer:
        released.wait(timeout=10)
        return LOST

    service.script.append(hang)
    with Client(service.url, KEY, timeout=0.1, clock=fake_clock.clock) as client:
        assert client.send(EVENT).state == "queued"
    released.set()
    assert len(service.calls) == 2
