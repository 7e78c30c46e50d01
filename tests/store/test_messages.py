"""Messages that Redis itself puts into the lanes, together with what it stores."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from celery import Celery
from kombu.transport.virtual import Message

from config.broker import broker_settings
from config.envelopes import check_element
from config.publishers import DeliverQueue
from config.queues import DELIVER, celery_app
from config.redis_url import RedisServer
from stores import HISTORY, Store, new_delivery
from webhooks.ledger import Receipt
from webhooks.store.connection import Client, moment
from webhooks.store.ledger import RedisLedger

#: Deliveries of an account that go by the express lane; those beyond go by that for bulk.
EXPRESS = 200


@pytest.fixture
def app() -> Celery:
    return celery_app("test", broker_settings(RedisServer("redis://localhost:1")))


@pytest.fixture
def profile(store: Store, app: Celery) -> str:
    lanes = DeliverQueue(app).lists()
    store.ledger = RedisLedger(store.redis, HISTORY, store.clock, lanes=lanes)
    return store.account(social="https://hooks.example/")


def messages(redis: Client, queue: str) -> list[Any]:
    """Return the messages of a queue, the first that was put there at the front."""
    return [json.loads(message) for message in reversed(redis.lrange(queue, 0, -1))]


def ids_in(message: Any) -> list[str]:
    (hook_ids,), options, _ = json.loads(message["body"])
    assert options == {}
    found: list[str] = hook_ids
    return found


def alarms(receipts: list[Receipt]) -> list[object]:
    return [receipt.alarm for receipt in receipts]


def test_what_is_due_at_once_is_in_its_lane_when_it_is_stored(store: Store, profile: str) -> None:
    new = [new_delivery(profile) for _ in range(3)]
    assert alarms(store.ledger.accept(new)) == [None] * 3
    (message,) = messages(store.redis, "deliveries")
    assert ids_in(message) == [delivery.hook_id for delivery in new]


def test_each_lane_gets_a_message_of_its_own(store: Store, profile: str) -> None:
    new = [new_delivery(profile) for _ in range(EXPRESS + 50)]
    store.ledger.accept(new)
    (express,), (bulk,) = (messages(store.redis, queue) for queue in ("deliveries", "bulk"))
    assert ids_in(express) == [delivery.hook_id for delivery in new[:EXPRESS]]
    assert ids_in(bulk) == [delivery.hook_id for delivery in new[EXPRESS:]]
    assert bulk["properties"]["delivery_info"]["routing_key"] == "bulk"


def test_what_is_due_later_is_left_to_whoever_stored_it_and_to_the_sweep(store: Store, profile: str) -> None:
    now = moment(store.clock())
    soon, later = (new_delivery(profile, due=now + timedelta(seconds=wait)) for wait in (4, 60))
    receipts = store.ledger.accept([soon, later])
    assert [receipt.alarm is None for receipt in receipts] == [False, True]
    assert messages(store.redis, "deliveries") == []


def test_what_is_not_stored_is_in_no_lane(store: Store, profile: str) -> None:
    store.ledger.accept([new_delivery("nobody"), new_delivery(profile, action="feed")])
    assert messages(store.redis, "deliveries") == []


def test_messages_are_told_apart(store: Store, profile: str) -> None:
    for _ in range(2):
        store.ledger.accept([new_delivery(profile)])
    first, second = messages(store.redis, "deliveries")
    assert first["headers"]["id"] != second["headers"]["id"]
    assert first["properties"]["delivery_tag"] != second["properties"]["delivery_tag"]


def test_it_is_what_celery_and_kombu_would_have_put_there(flushed_redis_url: str, real_redis: Client) -> None:
    """All that differs is what is different in each message, the body's form, and what Celery says for people."""
    with celery_app("test", broker_settings(RedisServer(flushed_redis_url))) as app:
        queue = DeliverQueue(app)
        store = Store(real_redis)
        new = new_delivery(store.account(social="https://hooks.example/"))
        RedisLedger(real_redis, HISTORY, store.clock, lanes=queue.lists()).accept([new])
        queue([new.hook_id])
        for element in real_redis.lrange("deliveries", 0, -1):
            check_element(element.encode())
        ours, celerys = messages(real_redis, "deliveries")
        with app.connection() as connection:
            channel: Any = connection.channel()
            read = [Message(message, channel=channel).decode() for message in (ours, celerys)]
    assert read[0] == read[1]
    assert shape(ours) == shape(celerys)
    assert ours["headers"]["task"] == DELIVER


def shape(message: Any) -> Any:
    """Return a message without what each has of its own."""
    headers = {"id", "root_id", "origin", "argsrepr", "kwargsrepr", "ignore_result"}
    properties = {"correlation_id", "reply_to", "delivery_tag", "body_encoding"}
    return {
        **{name: value for name, value in message.items() if name != "body"},
        "headers": {name: value for name, value in message["headers"].items() if name not in headers},
        "properties": {name: value for name, value in message["properties"].items() if name not in properties},
    }
