"""Messages that Redis itself writes into the queues, together with the deliveries."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from celery import Celery
from kombu.transport.virtual import Message
from structlog.testing import capture_logs

from config.redis_url import parse_redis_url
from messaging.broker import broker_settings
from messaging.envelopes import check_element
from messaging.publishers import DeliverQueue
from messaging.queues import DELIVER, celery_app
from stores import HISTORY, Store, new_delivery
from webhooks.deliveries.new_delivery import AcceptVerdict, Receipt
from webhooks.store.connection import Client, moment
from webhooks.store.ledger import RedisLedger

#: The deliveries of an account that use the express lane; further ones use the bulk lane.
EXPRESS = 200


@pytest.fixture
def app() -> Celery:
    return celery_app("test", broker_settings(parse_redis_url("redis://localhost:1")))


@pytest.fixture
def profile(store: Store, app: Celery) -> str:
    lanes = DeliverQueue(app).lanes()
    store.ledger = RedisLedger(store.redis, HISTORY, store.clock, lanes=lanes)
    return store.account(social="https://hooks.example/")


def messages(redis: Client, queue: str) -> list[Any]:
    """Return the messages of a queue, the oldest first."""
    return [json.loads(message) for message in reversed(redis.lrange(queue, 0, -1))]


def ids_in(message: Any) -> list[str]:
    (hook_ids,), options, _ = json.loads(message["body"])
    assert options == {}
    found: list[str] = hook_ids
    return found


def wakeups(receipts: list[Receipt]) -> list[object]:
    return [receipt.wakeup for receipt in receipts]


def test_a_due_delivery_is_in_its_queue_when_it_is_stored(store: Store, profile: str) -> None:
    new = [new_delivery(profile) for _ in range(3)]
    assert wakeups(store.ledger.accept(new)) == [None] * 3
    (message,) = messages(store.redis, "deliveries")
    assert ids_in(message) == [delivery.hook_id for delivery in new]


def test_each_lane_gets_its_own_message(store: Store, profile: str) -> None:
    new = [new_delivery(profile) for _ in range(EXPRESS + 50)]
    store.ledger.accept(new)
    (express,), (bulk,) = (messages(store.redis, queue) for queue in ("deliveries", "bulk"))
    assert ids_in(express) == [delivery.hook_id for delivery in new[:EXPRESS]]
    assert ids_in(bulk) == [delivery.hook_id for delivery in new[EXPRESS:]]
    assert bulk["properties"]["delivery_info"]["routing_key"] == "bulk"


def test_deliveries_due_later_are_published_by_the_caller_or_the_sweep(store: Store, profile: str) -> None:
    now = moment(store.clock())
    soon, later = (new_delivery(profile, due=now + timedelta(seconds=wait)) for wait in (4, 60))
    receipts = store.ledger.accept([soon, later])
    assert [receipt.wakeup is None for receipt in receipts] == [False, True]
    assert messages(store.redis, "deliveries") == []


def test_an_event_that_is_not_stored_is_in_no_queue(store: Store, profile: str) -> None:
    store.ledger.accept([new_delivery("nobody"), new_delivery(profile, action="feed")])
    assert messages(store.redis, "deliveries") == []


def test_a_queue_that_takes_no_message_loses_no_event(store: Store, profile: str) -> None:
    """The deliveries stay stored and counted, and the sweep publishes them."""
    store.redis.set("deliveries", "no list")
    new = new_delivery(profile)
    (receipt,) = store.ledger.accept([new])
    assert receipt.verdict is AcceptVerdict.STORED
    assert store.redis.get(f"onItsWay:{profile}") == "1"
    store.clock.advance(3)
    assert [wakeup.hook_id for wakeup in store.ledger.wakeups(10, 0)] == [new.hook_id]


def test_messages_have_different_ids(store: Store, profile: str) -> None:
    for _ in range(2):
        store.ledger.accept([new_delivery(profile)])
    first, second = messages(store.redis, "deliveries")
    assert first["headers"]["id"] != second["headers"]["id"]
    assert first["properties"]["delivery_tag"] != second["properties"]["delivery_tag"]


@pytest.fixture
def both(flushed_redis_url: str, real_redis: Client) -> Iterator[Celery]:
    """An application whose queue has one message from Redis and one from kombu with the same id."""
    with celery_app("test", broker_settings(parse_redis_url(flushed_redis_url))) as app:
        queue, store = DeliverQueue(app), Store(real_redis)
        new = new_delivery(store.account(social="https://hooks.example/"))
        RedisLedger(real_redis, HISTORY, store.clock, lanes=queue.lanes()).accept([new])
        queue([new.hook_id])
        yield app


def test_a_message_equals_one_written_by_celery(both: Celery, real_redis: Client) -> None:
    """They differ only in unique values, in the form of the body, and in what Celery adds for people."""
    ours, celerys = messages(real_redis, "deliveries")
    with both.connection() as connection:
        channel: Any = connection.channel()
        read = [Message(message, channel=channel).decode() for message in (ours, celerys)]
    assert read[0] == read[1]
    assert shape(ours) == shape(celerys)
    assert ours["headers"]["task"] == DELIVER


def test_a_worker_reads_returned_messages_of_both_kinds(both: Celery, real_redis: Client) -> None:
    before = real_redis.lrange("deliveries", 0, -1)
    with both.connection() as connection:
        channel: Any = connection.channel()
        taken = [channel.basic_get("deliveries", no_ack=False) for _ in before]
        assert None not in taken
        assert messages(real_redis, "deliveries") == []
        channel.close()
    put_back = real_redis.lrange("deliveries", 0, -1)
    arguments = [check_element(element.encode()) for element in (*before, *put_back)]
    assert len(arguments) == 4
    assert arguments == [arguments[0]] * 4


def test_ids_that_cannot_be_returned_are_left_to_the_sweep(flushed_redis_url: str, real_redis: Client) -> None:
    """They are not tried one by one, which may take a second each, nor written to a file, as kombu would."""
    with celery_app("test", broker_settings(parse_redis_url(flushed_redis_url))) as app:
        DeliverQueue(app)(["a" * 20] * 1000)
        with app.connection() as connection, capture_logs() as logs:
            channel: Any = connection.channel()
            for _ in range(2):
                assert channel.basic_get("deliveries", no_ack=False) is not None
            real_redis.set("deliveries", "no list")
            assert channel.qos.restore_unacked() == []
    assert [(log["event"], log["messages"]) for log in logs] == [("queue.not_put_back", 2)]


def shape(message: Any) -> Any:
    """Return a message without its unique values."""
    headers = {"id", "root_id", "origin", "argsrepr", "kwargsrepr", "ignore_result"}
    properties = {"correlation_id", "reply_to", "delivery_tag", "body_encoding"}
    return {
        **{name: value for name, value in message.items() if name != "body"},
        "headers": {name: value for name, value in message["headers"].items() if name not in headers},
        "properties": {name: value for name, value in message["properties"].items() if name not in properties},
    }
