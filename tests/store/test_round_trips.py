"""The cost of a batch on a real server: constant round trips to Redis, and few messages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from redis import Redis

from doubles import OK, RecordedIds
from messaging.publishers import IDS_IN_A_MESSAGE, DeliverQueue
from messaging.queues import celery_app
from stores import HISTORY, Store, new_delivery
from webhooks.accounts.rate_limits import RateLimiter
from webhooks.deliveries.accept import EventIntake
from webhooks.deliveries.claim import Entry
from webhooks.deliveries.delivery import Attempt, State
from webhooks.runtime.cooperative import run_cooperatively
from webhooks.store.connection import Client
from webhooks.store.ledger import RedisLedger

#: The maximum number of events in a request of a producer.
MANY = 1_000


@pytest.fixture
def real_store(real_redis: Client) -> Store:
    store = Store(real_redis)
    # Scripts are sent once; from then on a step is one command.
    store.end(store.owed(store.account(social="https://hooks.example/")), State.DELIVERED)
    return store


@pytest.fixture
def profile(real_store: Store) -> str:
    return real_store.account(social="https://hooks.example/")


@pytest.fixture
def round_trips(flushed_redis_url: str, real_redis: Client) -> Iterator[Callable[[], list[str]]]:
    """Return the commands that clients have sent to the database since the start of the test."""
    database = str(real_redis.get_connection_kwargs()["db"])

    def commands() -> Iterator[str]:
        real_redis.echo("the end")
        while True:
            seen: dict[str, Any] = monitor.next_command()
            words = seen["command"].split(maxsplit=1)
            if seen["db"] == int(database) and seen["client_type"] != "lua":
                if words == ["ECHO", "the end"]:
                    return
                yield words[0]

    with Redis.from_url(flushed_redis_url) as watching, watching.monitor() as monitor:
        yield lambda: list(commands())


def test_a_batch_is_accepted_and_published_in_one_round_trip(
    real_store: Store, profile: str, round_trips: Callable[[], list[str]]
) -> None:
    publish_ids = RecordedIds()
    with celery_app("test", {"broker_url": "redis://localhost:1"}) as app:
        ledger = RedisLedger(real_store.redis, HISTORY, lanes=DeliverQueue(app).lanes())
    event = {"action": "social", "refId": profile, "type": "link", "platform": "x"}
    published = EventIntake(real_store.webhooks, ledger, publish_ids).accept([event] * MANY, "producer")
    assert round_trips() == ["EVALSHA"]
    assert len(published) == MANY
    assert publish_ids.published == []
    # The first use the express lane, the others the bulk lane.
    assert [real_store.redis.llen(queue) for queue in ("deliveries", "bulk")] == [1, 1]


def test_calls_that_come_together_are_counted_in_one_round_trip(
    real_store: Store, round_trips: Callable[[], list[str]]
) -> None:
    rate_limiter = RateLimiter(real_store.buckets, api_limit=0, ingest_limit=9)
    rate_limiter.producer_calls("producer")
    round_trips()
    outcomes = run_cooperatively([partial(rate_limiter.producer_calls, "producer") for _ in range(8)])
    assert round_trips() == ["EVALSHA"]
    assert [allowance.remaining for outcome in outcomes if (allowance := outcome.result())] == [*range(7, -1, -1)]


def test_through_another_broker_a_batch_is_published_in_two_messages(real_store: Store, profile: str) -> None:
    publish_ids = RecordedIds()
    event = {"action": "social", "refId": profile, "type": "link", "platform": "x"}
    EventIntake(real_store.webhooks, real_store.ledger, publish_ids).accept([event] * MANY, "producer")
    assert len(publish_ids.hook_ids) == MANY
    assert len(publish_ids.published) == 2


def test_a_message_is_claimed_and_recorded_in_one_round_trip_each(
    real_store: Store, profile: str, round_trips: Callable[[], list[str]]
) -> None:
    owed = [new_delivery(profile) for _ in range(IDS_IN_A_MESSAGE)]
    real_store.ledger.accept(owed)
    claims = real_store.claims([delivery.hook_id for delivery in owed]).claims
    ended = [Entry(claim, State.DELIVERED, Attempt(1, claim.began, retry=False, outcome=OK)) for claim in claims]
    assert real_store.record(ended) == [True] * IDS_IN_A_MESSAGE
    assert round_trips() == ["EVALSHA"] * 3


def test_a_message_contains_many_ids(flushed_redis_url: str, real_redis: Client) -> None:
    ids = [f"{number:020}" for number in range(MANY)]
    with celery_app("test", {"broker_url": flushed_redis_url}) as app:
        DeliverQueue(app)(ids)
        assert real_redis.llen("deliveries") == MANY / IDS_IN_A_MESSAGE
