"""Interrupting and damaging deliveries."""

from __future__ import annotations

from stores import Store
from webhooks.http.call import Failure, Outcome
from webhooks.store.connection import milliseconds

URL = "https://hooks.example/"


INTERRUPTED = Outcome(None, Failure.INTERRUPTED, 0)


def interrupt(store: Store, hook_id: str) -> None:
    """Claim a delivery whose worker then dies during the attempt."""
    delivery = store.delivery(hook_id)
    assert delivery.due is not None
    store.clock.now = max(store.clock.now, milliseconds(delivery.due))
    if not store.claims([hook_id]).claims:  # it was separated from others
        interrupt(store, hook_id)
    store.clock.advance(15)


def lose_a_field(store: Store, key: str) -> None:
    store.redis.hdel(key, "owner")


def become_something_else(store: Store, key: str) -> None:
    store.redis.delete(key)
    store.redis.set(key, "no hash")


def hold_no_number(store: Store, key: str) -> None:
    store.redis.hset(key, mapping={"leasedAt": store.clock(), "interruptions": "many"})
