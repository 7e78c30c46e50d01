"""Redelivery: an ended delivery is owed again, once, and only if it is as its caller has read it."""

from __future__ import annotations

import pytest

from doubles import OK, REFUSED, contents
from stores import Store
from webhooks.deliveries.claim import Entry
from webhooks.deliveries.delivery import ENDED, State
from webhooks.deliveries.retry import MAX_INTERRUPTIONS
from webhooks.deliveries.wakeup import Lane, WakeUp
from webhooks.http.call import Failure
from webhooks.redelivery.redelivery import Redelivery, RedeliveryReceipt, RedeliveryVerdict, redelivery_of
from webhooks.store.connection import moment


@pytest.fixture
def profile(store: Store) -> str:
    return store.account(social="https://hooks.example/")


def redelivery(store: Store, hook_id: str) -> Redelivery:
    redelivery = redelivery_of(store.record_of(hook_id))
    assert redelivery is not None
    return redelivery


@pytest.mark.parametrize("state", [*ENDED])
def test_a_redelivered_delivery_is_due_now_under_its_old_id(store: Store, profile: str, state: State) -> None:
    shop = store.profile(profile)
    created = moment(store.clock())
    hook_id = store.ended(shop, state)
    before = store.record_of(hook_id)
    store.clock.advance(3600)

    assert store.redeliveries.redeliver(redelivery(store, hook_id)) == RedeliveryReceipt(
        RedeliveryVerdict.REDELIVERED, WakeUp(hook_id, 0.0)
    )

    after = store.record_of(hook_id)
    assert (after.delivery.state, after.delivery.due) == (State.QUEUED, moment(store.clock()))
    assert (after.delivery.created, after.delivery.attempts) == (created, before.delivery.attempts)
    assert (after.owner, after.title, after.payload) == (before.owner, before.title, before.payload)
    assert store.wakeup(hook_id) == 3
    assert store.redis.ttl(f"delivery:{hook_id}") == -1
    assert not store.redis.exists(f"ended:{hook_id}")
    assert store.redis.get(f"onItsWay:{profile}") == "1"


@pytest.mark.parametrize("platform", [None, "twitter"])
def test_a_redelivered_delivery_keeps_its_platform(store: Store, profile: str, platform: str | None) -> None:
    hook_id = store.ended(profile, platform=platform)
    store.redeliveries.redeliver(redelivery(store, hook_id))
    assert store.claim(hook_id).platform == platform


def test_a_redelivered_delivery_continues_its_attempt_count(store: Store, profile: str) -> None:
    """Each is a retry, including the first one."""
    hook_id = store.owed(profile)
    for attempt in (1, 2):
        assert store.claim(hook_id).number == attempt
        store.clock.advance(60)  # it was interrupted, and is repeated with the same number
        store.end(hook_id)
        store.redeliveries.redeliver(redelivery(store, hook_id))
    claim = store.claim(hook_id)
    assert (claim.number, claim.retry, claim.resent_after) == (3, True, 2)
    assert [attempt.number for attempt in claim.attempts] == [1, 1, 2, 2]


def test_a_delivery_that_ended_without_a_call_is_redelivered_as_a_retry(store: Store, profile: str) -> None:
    hook_id = store.owed(profile)
    store.record([Entry(store.claim(hook_id), State.CANCELED)])
    store.redeliveries.redeliver(redelivery(store, hook_id))
    claim = store.claim(hook_id)
    assert (claim.number, claim.retry, claim.resent_after) == (1, True, 0)


def test_a_redelivered_delivery_can_end_again(store: Store, profile: str) -> None:
    hook_id = store.ended(profile)
    store.redeliveries.redeliver(redelivery(store, hook_id))
    store.end(hook_id, State.DELIVERED, OK)
    assert store.delivery(hook_id).state is State.DELIVERED
    assert [attempt.outcome for attempt in store.delivery(hook_id).attempts] == [REFUSED, OK]
    assert [key for key in store.redis.scan_iter() if hook_id in key] == [f"ended:{hook_id}"]
    assert store.redis.get(f"onItsWay:{profile}") is None


def test_a_redelivered_delivery_starts_with_no_interruptions(store: Store, profile: str) -> None:
    hook_id = store.owed(profile)
    store.interrupt_until_exhausted(hook_id)

    assert store.redeliveries.redeliver(redelivery(store, hook_id)).verdict is RedeliveryVerdict.REDELIVERED

    assert store.redis.ttl(f"delivery:{hook_id}") == -1
    store.interrupt_until_exhausted(hook_id)
    errors = [attempt.outcome.failure for attempt in store.delivery(hook_id).attempts]
    assert errors == [Failure.INTERRUPTED] * 2 * MAX_INTERRUPTIONS


def test_a_delivery_is_redelivered_once(store: Store, profile: str) -> None:
    """Two concurrent callers have read the same; the second finds that it has changed."""
    for interrupted in (False, True):
        hook_id = store.owed(profile)
        store.interrupt_until_exhausted(hook_id) if interrupted else store.end(hook_id)
        read = redelivery(store, hook_id)
        store.redeliveries.redeliver(read)
        before = contents(store.redis)
        assert store.redeliveries.redeliver(read) == RedeliveryReceipt(RedeliveryVerdict.CHANGED)
        assert contents(store.redis) == before


def test_a_delivery_that_has_ended_again_is_not_redelivered(store: Store, profile: str) -> None:
    hook_id = store.ended(profile)
    read = redelivery(store, hook_id)
    store.redeliveries.redeliver(read)
    store.end(hook_id, State.DELIVERED, OK)
    assert store.redeliveries.redeliver(read).verdict is RedeliveryVerdict.CHANGED
    assert store.delivery(hook_id).state is State.DELIVERED


def test_an_expired_delivery_is_not_redelivered(store: Store, profile: str) -> None:
    hook_id = store.ended(profile)
    read = redelivery(store, hook_id)
    store.redis.delete(f"ended:{hook_id}")
    assert store.redeliveries.redeliver(read).verdict is RedeliveryVerdict.CHANGED
    assert store.records.find(hook_id) is None


def test_without_a_webhook_a_delivery_is_not_redelivered(store: Store, profile: str) -> None:
    hook_id = store.ended(profile)
    store.webhooks.remove(profile, "social")
    before = contents(store.redis)
    assert store.redeliveries.redeliver(redelivery(store, hook_id)) == RedeliveryReceipt(
        RedeliveryVerdict.UNREGISTERED
    )
    assert contents(store.redis) == before


def test_a_damaged_delivery_is_reported_and_not_redelivered(store: Store, profile: str) -> None:
    """After a manual change in Redis."""
    hook_id = store.ended(profile)
    read = redelivery(store, hook_id)
    store.redis.set(f"delivery:{hook_id}", "no hash")
    assert store.redeliveries.redeliver(read) == RedeliveryReceipt(RedeliveryVerdict.DAMAGED)


def test_an_account_with_many_owed_redelivers_in_the_bulk_lane(store: Store, profile: str) -> None:
    hook_id = store.ended(profile)
    store.redis.set(f"onItsWay:{profile}", 200)
    assert store.redeliveries.redeliver(redelivery(store, hook_id)).wakeup == WakeUp(hook_id, 0.0, Lane.BULK)
