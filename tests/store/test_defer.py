"""Deferring: a delivery whose call cannot be made now waits in a deferred set."""

from __future__ import annotations

import pytest

from store.deferring import (
    HOST_FULL,
    defer,
    resume,
)
from stores import Store
from webhooks.deliveries.claim import Deferral
from webhooks.deliveries.delivery import State


@pytest.fixture
def profile(store: Store) -> str:
    return store.account(social="https://hooks.example/")


def test_a_deferred_delivery_is_owed_and_neither_due_nor_leased(store: Store, profile: str) -> None:
    hook_id = store.owed(profile)
    defer(store, [hook_id])
    delivery = store.delivery(hook_id)
    assert (delivery.state, delivery.due, delivery.attempts) == (State.QUEUED, None, ())
    assert store.claims([hook_id]).claims == []


def test_a_claim_with_a_successor_is_not_deferred(store: Store, profile: str) -> None:
    hook_id = store.owed(profile)
    claim = store.claim(hook_id)
    store.clock.advance(15)
    successor = store.claim(hook_id)
    store.ledger.defer([Deferral(claim, *HOST_FULL)])
    assert resume(store) == []
    assert store.redis.hget(f"delivery:{hook_id}", "token") == successor.token


def test_a_lost_set_loses_no_delivery(store: Store, profile: str) -> None:
    """They are due again an hour later."""
    hook_id = store.owed(profile)
    defer(store, [hook_id])
    store.redis.delete("postponed", f"postponed:host:hooks.example account:{profile}")
    assert store.wakeup(hook_id) == 3600
    store.clock.advance(3600)
    assert [wakeup.hook_id for wakeup in store.ledger.wakeups(100, ahead=0)] == [hook_id]
    assert store.claim(hook_id).number == 1


def test_a_deferred_delivery_stays_in_its_set_at_its_wakeup_time(store: Store, profile: str) -> None:
    """If a host is down for hours, its deliveries would otherwise be claimed each hour, only to be deferred."""
    hook_ids = [store.owed(profile) for _ in range(2)]
    defer(store, hook_ids)
    for _ in range(3):
        store.clock.advance(3600)
        assert store.ledger.wakeups(100, ahead=0) == []
        assert store.claims(hook_ids).claims == []
    assert sorted(resume(store)) == sorted(hook_ids)


def test_a_set_that_is_not_listed_is_listed_again(store: Store, profile: str) -> None:
    hook_id = store.owed(profile)
    defer(store, [hook_id])
    store.redis.delete("postponed")
    store.clock.advance(3600)
    assert store.ledger.wakeups(100, ahead=0) == []
    assert resume(store) == [hook_id]
