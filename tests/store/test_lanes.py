"""Lanes: an account with a great many deliveries waiting keeps nobody else waiting."""

from __future__ import annotations

from datetime import timedelta

import pytest

from doubles import OK, REFUSED
from stores import Store, new_delivery
from webhooks.deliveries import Attempt, Outcome, State
from webhooks.ledger import Entry, Postponement
from webhooks.ringing import Lane
from webhooks.store.connection import moment

#: As prelude.lua has it.
MOST_IN_EXPRESS = 500


@pytest.fixture
def account(store: Store) -> str:
    return store.account(social="https://hooks.example/")


def lanes(store: Store, account: str, count: int) -> list[Lane]:
    """Accept so many events; return the lanes by which they are published."""
    receipts = store.ledger.accept([new_delivery(account) for _ in range(count)])
    return [receipt.alarm.lane for receipt in receipts if receipt.alarm is not None]


def queued(store: Store, account: str) -> int:
    return int(store.redis.get(f"queued:{account}") or 0)


def test_an_account_with_many_waiting_uses_the_lane_for_bulk(store: Store, account: str) -> None:
    assert lanes(store, account, MOST_IN_EXPRESS + 2) == [Lane.EXPRESS] * MOST_IN_EXPRESS + [Lane.BULK] * 2
    assert lanes(store, account, 1) == [Lane.BULK]
    assert lanes(store, store.account(social="https://other.example/"), 1) == [Lane.EXPRESS]


def test_user_profiles_share_their_accounts_lane(store: Store, account: str) -> None:
    lanes(store, account, MOST_IN_EXPRESS)
    assert lanes(store, store.profile(account), 1) == [Lane.BULK]


@pytest.mark.parametrize(
    ("state", "outcome", "delay"),
    [(State.DELIVERED, OK, None), (State.RETRYING, REFUSED, 5.0), (State.CANCELED, None, None)],
)
def test_a_delivery_counts_until_its_first_attempt_has_ended(
    store: Store, account: str, state: State, outcome: Outcome | None, delay: float | None
) -> None:
    first, second = [store.owed(account) for _ in range(2)]
    claim = store.claim(first)
    assert queued(store, account) == 2
    attempt = None if outcome is None else Attempt(1, claim.claimed, retry=False, outcome=outcome)
    for _ in range(2):  # asking twice counts once
        store.ledger.record([Entry(claim, state, attempt, delay)])
        assert queued(store, account) == 1
    store.ledger.record([Entry(store.claim(second), State.CANCELED)])
    assert store.redis.exists(f"queued:{account}") == 0


def test_retries_do_not_count(store: Store, account: str) -> None:
    hook_id = store.owed(account)
    for number, state in enumerate((State.RETRYING, State.EXHAUSTED), start=1):
        claim = store.claim(hook_id)
        attempt = Attempt(number, claim.claimed, retry=False, outcome=REFUSED)
        store.ledger.record([Entry(claim, state, attempt, 0.0 if state is State.RETRYING else None)])
        assert queued(store, account) == 0


def test_what_is_parked_counts_no_longer(store: Store, account: str) -> None:
    hook_id = store.owed(account)
    while store.delivery(hook_id).state is State.QUEUED:
        assert queued(store, account) == 1
        store.claims([hook_id])
        store.clock.advance(60)
    assert queued(store, account) == 0


def test_what_is_scheduled_ahead_does_not_count(store: Store, account: str) -> None:
    """It waits for its time, not for a worker."""
    later = moment(store.clock()) + timedelta(days=1)
    store.ledger.accept([new_delivery(account, due=later) for _ in range(MOST_IN_EXPRESS + 1)])
    assert lanes(store, account, 1) == [Lane.EXPRESS]


def test_the_sweep_and_what_is_resumed_keep_to_the_lane(store: Store, account: str) -> None:
    hook_ids = [store.owed(account) for _ in range(MOST_IN_EXPRESS + 1)]
    store.ledger.postpone([Postponement(store.claim(hook_ids[0]), f"account:{account}")])
    assert [alarm.lane for alarm in store.ledger.resume(10)] == [Lane.BULK]
    store.clock.advance(10)
    assert {alarm.lane for alarm in store.ledger.alarms(5000, ahead=0)} == {Lane.BULK}
    store.ledger.record([Entry(store.claim(hook_ids[0]), State.CANCELED)])
    store.clock.advance(20)
    assert {alarm.lane for alarm in store.ledger.alarms(5000, ahead=0)} == {Lane.EXPRESS}
