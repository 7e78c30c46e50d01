"""Idempotency keys: a repeated event is not stored again."""

from __future__ import annotations

import pytest

from stores import Store, new_delivery
from webhooks.deliveries.delivery import State
from webhooks.deliveries.new_delivery import AcceptVerdict, Idempotency, Receipt

URL = "https://hooks.example/"


@pytest.fixture
def profile(store: Store) -> str:
    return store.account(social=URL)


def test_a_repeated_event_is_answered_with_the_first_hook_id(store: Store, profile: str) -> None:
    """In the state in which the first was stored; it is not published again."""
    known = Idempotency("producer", "key", "digest")
    first = store.owed(profile, idempotency=known)

    (receipt,) = store.ledger.accept([new_delivery(profile, idempotency=known)])

    assert receipt == Receipt(AcceptVerdict.DUPLICATE, first, State.QUEUED, wakeup=None)
    assert store.redis.zcard("alarms") == 1


def test_an_event_repeated_in_one_step_is_stored_once(store: Store, profile: str) -> None:
    known = Idempotency("producer", "key", "digest")
    first, second = store.ledger.accept([new_delivery(profile, idempotency=known) for _ in range(2)])
    assert (first.verdict, second.verdict) == (AcceptVerdict.STORED, AcceptVerdict.DUPLICATE)
    assert second.hook_id == first.hook_id


def test_another_event_with_the_same_key_is_a_conflict(store: Store, profile: str) -> None:
    store.owed(profile, idempotency=Idempotency("producer", "key", "digest"))
    (receipt,) = store.ledger.accept([new_delivery(profile, idempotency=Idempotency("producer", "key", "other"))])
    assert receipt.verdict is AcceptVerdict.CONFLICT
    assert store.redis.zcard("alarms") == 1


def test_two_producers_may_use_the_same_idempotency_key(store: Store, profile: str) -> None:
    first = store.owed(profile, idempotency=Idempotency("one", "key", "digest"))
    second = store.owed(profile, idempotency=Idempotency("another", "key", "different"))
    assert first != second


def test_an_idempotency_key_is_known_for_24_hours(store: Store, profile: str) -> None:
    store.owed(profile, idempotency=Idempotency("producer", "key", "digest"))
    (key,) = store.redis.keys("idempotency:*")
    assert 86_390 <= store.redis.ttl(key) <= 86_400


def test_an_event_that_is_not_stored_does_not_use_its_key(store: Store, profile: str) -> None:
    """When a webhook has been registered, the producer can send it again."""
    known = Idempotency("producer", "key", "digest")
    (refused,) = store.ledger.accept([new_delivery(profile, "feed", idempotency=known)])
    assert refused.verdict is AcceptVerdict.UNREGISTERED

    store.register(profile, "feed", URL)
    (receipt,) = store.ledger.accept([new_delivery(profile, "feed", idempotency=known)])
    assert receipt.verdict is AcceptVerdict.STORED
