"""Lanes: an account with very many owed deliveries does not delay others."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest

from doubles import REFUSED
from store.deferring import ACCOUNT_FULL
from stores import Store, new_delivery
from webhooks.deliveries.claim import Claim, Deferral, Entry
from webhooks.deliveries.delivery import Attempt, State
from webhooks.deliveries.wakeup import Lane
from webhooks.store.connection import moment

#: As in prelude.lua.
MAX_IN_EXPRESS = 200


@pytest.fixture
def account(store: Store) -> str:
    return store.account(social="https://hooks.example/")


def lanes(store: Store, account: str, count: int) -> Counter[Lane]:
    """Accept this many events; return the lanes in which they are published."""
    receipts = store.ledger.accept([new_delivery(account) for _ in range(count)])
    return Counter(receipt.wakeup.lane for receipt in receipts if receipt.wakeup is not None)


def on_their_way(store: Store, account: str) -> int:
    return int(store.redis.get(f"onItsWay:{account}") or 0)


def failed(claim: Claim) -> Entry:
    return Entry(claim, State.RETRYING, Attempt(1, claim.began, retry=False, outcome=REFUSED), 5.0)


def test_an_account_with_many_owed_uses_the_lane_for_bulk(store: Store, account: str) -> None:
    assert lanes(store, account, MAX_IN_EXPRESS + 2) == {Lane.EXPRESS: MAX_IN_EXPRESS, Lane.BULK: 2}
    assert lanes(store, account, 1) == {Lane.BULK: 1}
    assert lanes(store, store.account(social="https://other.example/"), 1) == {Lane.EXPRESS: 1}


def test_user_profiles_share_the_lane_of_their_account(store: Store, account: str) -> None:
    lanes(store, account, MAX_IN_EXPRESS)
    assert lanes(store, store.profile(account), 1) == {Lane.BULK: 1}


@pytest.mark.parametrize("state", [State.DELIVERED, State.EXHAUSTED, State.CANCELED])
def test_a_delivery_counts_until_it_has_ended(store: Store, account: str, state: State) -> None:
    """Retries count too: many events for a receiver that refuses cause two more calls each."""
    first, second = [store.owed(account) for _ in range(2)]
    store.record([failed(store.claim(first))])
    assert on_their_way(store, account) == 2
    store.clock.advance(5)
    claim = store.claim(first)
    for _ in range(2):  # asking twice counts once
        store.record([Entry(claim, state)])
        assert on_their_way(store, account) == 1
    store.record([Entry(store.claim(second), state)])
    assert store.redis.exists(f"onItsWay:{account}") == 0


def test_an_exhausted_delivery_no_longer_counts_as_owed(store: Store, account: str) -> None:
    hook_id = store.owed(account)
    while store.delivery(hook_id).state is State.QUEUED:
        assert on_their_way(store, account) == 1
        store.claims([hook_id])
        store.clock.advance(60)
    assert on_their_way(store, account) == 0


def test_an_unreadable_delivery_does_not_falsify_the_count(store: Store, account: str) -> None:
    """Those beside it are recorded one by one then, and each must count once."""
    good, bad = [store.owed(account) for _ in range(2)]
    claims = [store.claim(good), store.claim(bad)]
    store.redis.delete(f"delivery:{bad}")
    store.redis.set(f"delivery:{bad}", "no hash")
    with pytest.raises(Exception, match="WRONGTYPE"):
        store.record([Entry(claim, State.CANCELED) for claim in claims])
    store.record([Entry(claims[0], State.CANCELED)])
    assert on_their_way(store, account) == 1


def test_a_scheduled_delivery_counts_from_its_due_time_on(store: Store, account: str) -> None:
    """Until then it does not occupy a worker; "everything at noon" is bulk like any other."""
    due = moment(store.clock()) + timedelta(days=1)
    store.ledger.accept([new_delivery(account, due=due) for _ in range(MAX_IN_EXPRESS + 100)])
    assert on_their_way(store, account) == 0
    assert lanes(store, account, 1) == {Lane.EXPRESS: 1}
    store.clock.advance(86_400)
    published = Counter(wakeup.lane for wakeup in store.ledger.wakeups(5000, ahead=0))
    assert published[Lane.BULK] >= 100


def test_retries_sweeps_and_resumptions_use_the_lane_of_the_account(store: Store, account: str) -> None:
    hook_ids = [store.owed(account) for _ in range(MAX_IN_EXPRESS + 1)]
    (recorded,) = store.ledger.record([failed(store.claim(hook_ids[0]))])
    assert recorded.lane is Lane.BULK
    store.ledger.defer([Deferral(store.claim(hook_ids[1]), *ACCOUNT_FULL)])
    assert [wakeup.lane for wakeup in store.ledger.resume(10)] == [Lane.BULK]
    store.clock.advance(4)
    assert {wakeup.lane for wakeup in store.claims(hook_ids[:1]).early} == {Lane.BULK}
    store.clock.advance(10)
    assert {wakeup.lane for wakeup in store.ledger.wakeups(5000, ahead=0)} == {Lane.BULK}
    store.record([Entry(store.claim(hook_ids[2]), State.CANCELED)])
    store.clock.advance(20)
    assert {wakeup.lane for wakeup in store.ledger.wakeups(5000, ahead=0)} == {Lane.EXPRESS}
