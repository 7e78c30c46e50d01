"""Expired leases, and what happens to their deliveries."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from doubles import OK, REFUSED
from store.claim_scene import INTERRUPTED, URL, become_something_else, hold_no_number, interrupt, lose_a_field
from stores import Store
from webhooks.deliveries.claim import Claimed, Entry, new_token
from webhooks.deliveries.delivery import Attempt, State
from webhooks.deliveries.retry import MAX_INTERRUPTIONS
from webhooks.deliveries.wakeup import WakeUp
from webhooks.http.call import Failure
from webhooks.store.connection import moment


@pytest.fixture
def profile(store: Store) -> str:
    return store.account("Acme", social=URL)


def test_a_delivery_with_an_expired_lease_is_claimed_as_a_retry(store: Store, profile: str) -> None:
    """The call may have arrived, so the body says `retry`; the attempt keeps its number."""
    hook_id = store.owed(profile)
    first = store.claim(hook_id, lease=15)
    store.clock.advance(14.999)
    assert store.claims([hook_id]).claims == []

    store.clock.advance(0.001)
    again = store.claim(hook_id)

    assert (again.number, again.retry) == (1, True)
    assert again.token != first.token


def test_an_expired_lease_is_logged_as_an_interruption(store: Store, profile: str) -> None:
    hook_id = store.owed(profile)
    begun = []
    for _ in range(2):
        begun.append(store.claim(hook_id, lease=15).began)
        store.clock.advance(15)
    store.claims([hook_id])

    assert store.delivery(hook_id).attempts == (
        Attempt(1, begun[0], retry=False, outcome=INTERRUPTED),
        Attempt(1, begun[1], retry=True, outcome=INTERRUPTED),
    )


def test_a_delivery_that_is_interrupted_five_times_is_exhausted(store: Store, profile: str) -> None:
    """Otherwise it would end one worker after another for ever."""
    hook_id = store.owed(profile)
    for _ in range(MAX_INTERRUPTIONS):
        interrupt(store, hook_id)

    token = new_token()
    for _ in range(2):  # a caller that missed the answer asks again, and gets the same
        assert store.claims([hook_id], token=token) == Claimed([], [], interrupted_too_often=[hook_id], damaged=[])

    delivery = store.delivery(hook_id)
    assert (delivery.state, delivery.due, store.wakeup(hook_id)) == (State.EXHAUSTED, None, None)
    assert [attempt.outcome for attempt in delivery.attempts] == [INTERRUPTED] * MAX_INTERRUPTIONS
    assert store.redis.ttl(f"delivery:{hook_id}") > 0
    assert store.claims([hook_id]) == Claimed([], [], [], [])


def test_a_delivery_interrupted_twice_is_separated_from_others(store: Store, profile: str) -> None:
    """Attempted together again, all would be given up because of the one that ends the worker."""
    hook_ids = [store.owed(profile) for _ in range(20)]
    for _ in range(2):
        assert len(store.claims(hook_ids).claims) == 20
        store.clock.advance(15)

    assert store.claims(hook_ids).claims == []

    waits = [wait for hook_id in hook_ids if (wait := store.wakeup(hook_id)) is not None]
    assert len(set(waits)) > 10
    assert all(0 <= wait <= 30 for wait in waits)
    store.clock.advance(30)
    assert len(store.claims(hook_ids).claims) == 20


def test_an_early_message_learns_the_rest_of_the_delay(store: Store, profile: str) -> None:
    """Countdowns depend on the clocks of several machines, which may differ."""
    soon = store.owed(profile, due=moment(store.clock()) + timedelta(seconds=5))
    later = store.owed(profile, due=moment(store.clock()) + timedelta(seconds=5.001))
    assert store.claims([soon, later]) == Claimed(
        [], early=[WakeUp(soon, 5.0)], interrupted_too_often=[], damaged=[]
    )


def test_a_lease_is_not_early_until_shortly_before_its_end(store: Store, profile: str) -> None:
    """Its holder will record it. If it has not by then, the worker has probably died: the message is needed."""
    hook_id = store.owed(profile)
    store.claim(hook_id, lease=15)
    store.clock.advance(9.999)
    assert store.claims([hook_id]) == Claimed([], [], [], [])
    store.clock.advance(0.001)
    assert store.claims([hook_id]) == Claimed(
        [], early=[WakeUp(hook_id, 5.0)], interrupted_too_often=[], damaged=[]
    )


def test_a_claim_repeated_after_a_lost_answer_is_the_same(store: Store, profile: str) -> None:
    """With the same token the claim is its own, from now on, and was not interrupted."""
    hook_id = store.owed(profile)
    token = new_token()
    store.claims([hook_id], token=token)
    store.clock.advance(3)

    (again,) = store.claims([hook_id], token=token).claims

    assert (again.token, again.number, again.retry) == (token, 1, False)
    assert store.wakeup(hook_id) == 15
    assert store.delivery(hook_id).attempts == ()


def test_a_claim_given_back_is_due_at_once_as_interrupted(store: Store, profile: str) -> None:
    hook_id = store.owed(profile)
    claim = store.claim(hook_id)

    assert store.ledger.release([claim]) == [hook_id]

    assert store.wakeup(hook_id) == 0
    assert store.record([Entry(claim, State.CANCELED)]) == [False]
    again = store.claim(hook_id)
    assert (again.number, again.retry) == (1, True)
    assert [attempt.outcome for attempt in store.delivery(hook_id).attempts] == [INTERRUPTED]


def test_a_recorded_claim_cannot_be_given_back(store: Store, profile: str) -> None:
    hook_id = store.owed(profile)
    claim = store.claim(hook_id)
    store.ledger.record([Entry(claim, State.CANCELED)])
    assert store.ledger.release([claim]) == []
    assert store.delivery(hook_id).state is State.CANCELED


def test_an_interruption_uses_up_no_attempt(store: Store, profile: str) -> None:
    hook_id = store.owed(profile)
    store.claim(hook_id, lease=15)
    store.clock.advance(15)
    again = store.claim(hook_id)
    store.ledger.record(
        [Entry(again, State.RETRYING, Attempt(1, again.began, retry=True, outcome=REFUSED), delay=5)]
    )
    store.clock.advance(5)

    second = store.claim(hook_id)

    assert (second.number, second.retry) == (2, True)
    assert [(line.number, line.retry, line.outcome.failure) for line in store.delivery(hook_id).attempts] == [
        (1, False, Failure.INTERRUPTED),
        (1, True, None),
    ]


def test_a_recorded_attempt_is_not_an_interruption(store: Store, profile: str) -> None:
    hook_id = store.owed(profile)
    first = store.claim(hook_id)
    store.ledger.record(
        [Entry(first, State.RETRYING, Attempt(1, first.began, retry=False, outcome=REFUSED), delay=5)]
    )
    store.clock.advance(60)
    second = store.claim(hook_id)
    store.ledger.record([Entry(second, State.DELIVERED, Attempt(2, second.began, retry=True, outcome=OK))])

    assert [line.outcome for line in store.delivery(hook_id).attempts] == [REFUSED, OK]


def test_a_leased_delivery_wakes_up_at_the_end_of_its_lease(store: Store, profile: str) -> None:
    """So the first sweep after a worker's death makes up for it."""
    hook_id = store.owed(profile)
    store.claim(hook_id, lease=15)
    assert store.wakeup(hook_id) == 15


def test_a_delivery_whose_attempt_is_in_flight_has_no_due_time(store: Store, profile: str) -> None:
    hook_id = store.owed(profile)
    store.claim(hook_id, lease=15)
    store.clock.advance(14.999)
    assert store.delivery(hook_id).due is None


def test_a_delivery_whose_worker_died_is_due_at_the_end_of_its_lease(store: Store, profile: str) -> None:
    hook_id = store.owed(profile)
    store.claim(hook_id, lease=15)
    store.clock.advance(15)
    assert store.delivery(hook_id).due == moment(store.clock())


@pytest.mark.parametrize("damage", [lose_a_field, become_something_else, hold_no_number])
def test_a_damaged_delivery_does_not_stop_others_from_being_claimed(
    store: Store, profile: str, damage: Callable[[Store, str], None]
) -> None:
    first, damaged, last = (store.owed(profile) for _ in range(3))
    damage(store, f"delivery:{damaged}")
    claimed = store.claims([first, damaged, last])
    assert [claim.hook_id for claim in claimed.claims] == [first, last]
    assert claimed.damaged == [damaged]


@pytest.mark.parametrize("webhook", ["no JSON", "[]", "{}"])
def test_a_damaged_webhook_does_not_stop_others_from_being_claimed(
    store: Store, profile: str, webhook: str
) -> None:
    """They have been claimed by then, and without an answer no one would call them."""
    first, damaged, last = (
        store.owed(ref_id) for ref_id in (profile, store.profile(profile, social=URL), profile)
    )
    store.redis.hset(f"webhooks:{store.redis.hget(f'delivery:{damaged}', 'owner')}", "social", webhook)
    claimed = store.claims([first, damaged, last])
    assert [claim.hook_id for claim in claimed.claims] == [first, last]
    assert claimed.damaged == [damaged]
