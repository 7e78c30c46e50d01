"""Resuming: deliveries leave their deferred sets as fast as their calls are admitted."""

from __future__ import annotations

import pytest

from doubles import REFUSED
from store.conftest import ON_A_REAL_ONE
from store.deferring import (
    ACCOUNT_FULL,
    HOST_FULL,
    NO_RESOURCES,
    UNRESPONSIVE,
    Reason,
    defer,
    full,
    resume,
)
from stores import Store
from webhooks.deliveries.claim import Entry
from webhooks.deliveries.delivery import Attempt, State
from webhooks.deliveries.wakeup import WakeUp


@pytest.fixture
def profile(store: Store) -> str:
    return store.account(social="https://hooks.example/")


def test_a_resumed_delivery_is_due_and_not_a_retry(store: Store, profile: str) -> None:
    """No attempt was started, so the receiver cannot have seen it."""
    hook_id = store.owed(profile)
    defer(store, [hook_id])
    store.clock.advance(1)
    assert store.ledger.resume(100) == [WakeUp(hook_id, 0.0)]
    assert store.wakeup(hook_id) == 3  # if its message is lost
    claim = store.claim(hook_id)
    assert (claim.number, claim.retry) == (1, False)
    assert store.delivery(hook_id).attempts == ()


def test_no_key_of_redis_remains_of_an_empty_set(store: Store, profile: str) -> None:
    defer(store, [store.owed(profile)])
    resume(store)
    assert resume(store) == []
    assert store.redis.keys("*postponed*") == []
    assert store.redis.exists("refused", "resumedLast") == 0


def test_the_oldest_are_resumed_first(store: Store, profile: str) -> None:
    hook_ids = []
    for _ in range(15):
        hook_ids.append(store.owed(profile))
        store.clock.advance(1)
    defer(store, hook_ids[8:])
    defer(store, hook_ids[:8])
    assert resume(store, limit=10) == hook_ids[:10]
    assert resume(store, limit=10) == hook_ids[10:]


@ON_A_REAL_ONE
def test_each_time_twice_as_many_are_resumed_or_as_many_as_were_admitted(store: Store, profile: str) -> None:
    """Whichever is less, and 10 at least, so that waiting deliveries have a chance beside new ones."""
    defer(store, [store.owed(profile) for _ in range(1000)])
    counts = []
    for refused in (150, 0, 30, 50, 0, 0):
        resumed = resume(store)
        counts.append(len(resumed))
        defer(store, resumed[:refused])
    assert counts == [200, 50, 100, 50, 10, 20]


@ON_A_REAL_ONE
def test_a_set_that_was_short_does_not_start_over(store: Store, profile: str) -> None:
    """A small number says nothing about the capacity."""
    defer(store, [store.owed(profile)])
    resume(store)
    defer(store, [store.owed(profile) for _ in range(1000)])
    assert len(resume(store)) == 400


@ON_A_REAL_ONE
def test_newly_deferred_deliveries_do_not_slow_their_set_down(store: Store, profile: str) -> None:
    """This says nothing about the resumed ones."""
    defer(store, [store.owed(profile) for _ in range(1000)])
    resume(store)
    defer(store, [store.owed(profile) for _ in range(300)])
    assert len(resume(store)) == 400


@ON_A_REAL_ONE
def test_a_deferred_retry_does_not_count_as_refused_again(store: Store, profile: str) -> None:
    defer(store, [store.owed(profile) for _ in range(700)])
    claim = store.claim(resume(store)[0])
    store.record([Entry(claim, State.RETRYING, Attempt(1, claim.began, retry=False, outcome=REFUSED), 0.0)])
    defer(store, [claim.hook_id])
    assert len(resume(store)) == 400


@ON_A_REAL_ONE
@pytest.mark.parametrize(
    ("left", "entered", "slows"),
    [
        (ACCOUNT_FULL, HOST_FULL, False),
        (ACCOUNT_FULL, UNRESPONSIVE, False),
        (HOST_FULL, UNRESPONSIVE, False),
        (HOST_FULL, ACCOUNT_FULL, True),
        (UNRESPONSIVE, HOST_FULL, True),
        (UNRESPONSIVE, ACCOUNT_FULL, True),
        (ACCOUNT_FULL, NO_RESOURCES, True),
        (UNRESPONSIVE, NO_RESOURCES, True),
        (NO_RESOURCES, ACCOUNT_FULL, False),
    ],
)
def test_deferral_for_another_reason_slows_a_set_if_it_concerns_the_others_too(
    store: Store, profile: str, left: Reason, entered: Reason, slows: bool
) -> None:
    """A full host does not stop deliveries of the account to other hosts."""
    defer(store, [store.owed(profile) for _ in range(200)], left)
    store.claims(resume(store, limit=20))
    resumed = resume(store, limit=40)
    defer(store, resumed[:5], entered)
    store.claims(resumed[5:])
    for key in store.redis.scan_iter("postponed:*"):
        if store.redis.zscore(key, resumed[0]) is not None:
            store.redis.delete(key)
    assert len(resume(store)) == (len(resumed) // 2 if slows else 2 * len(resumed))


def test_a_refusal_is_not_counted_for_a_set_that_is_gone(store: Store, profile: str) -> None:
    defer(store, [store.owed(profile)], HOST_FULL)
    hook_ids = resume(store)
    resume(store)
    defer(store, hook_ids, ACCOUNT_FULL)
    assert store.redis.exists("refused") == 0


def test_many_sets_share_the_limit(store: Store, profile: str) -> None:
    """A large set must not delay the others, and gets what they leave."""
    long = [store.owed(profile) for _ in range(20)]
    defer(store, long, full("long.example"))
    short = store.owed(profile)
    defer(store, [short], full("short.example"))
    resumed = resume(store, limit=6)
    assert short in resumed
    assert len(resumed) == 6


def test_a_missing_delivery_is_not_resumed(store: Store, profile: str) -> None:
    gone, there = [store.owed(profile) for _ in range(2)]
    defer(store, [gone, there])
    store.redis.delete(f"delivery:{gone}")
    assert resume(store) == [there]


def test_a_delivery_that_woke_up_is_not_resumed_while_it_is_attempted(store: Store, profile: str) -> None:
    """It would be called a second time."""
    hook_id = store.owed(profile)
    defer(store, [hook_id])
    store.clock.advance(3600)
    claim = store.claim(hook_id)
    assert resume(store) == []
    assert store.claims([hook_id]).claims == []
    assert (claim.number, claim.retry) == (1, False)


@ON_A_REAL_ONE
def test_sweeps_in_the_same_second_resume_once(store: Store, profile: str) -> None:
    """The number grows from second to second, not from sweep to sweep."""
    defer(store, [store.owed(profile) for _ in range(1000)])
    assert [len(store.ledger.resume(5000)) for _ in range(3)] == [200, 0, 0]


def test_a_damaged_delivery_does_not_stop_others_from_being_resumed(store: Store, profile: str) -> None:
    bad, good = [store.owed(profile) for _ in range(2)]
    defer(store, [bad, good])
    store.redis.delete(f"delivery:{bad}")
    store.redis.set(f"delivery:{bad}", "no hash")
    assert resume(store) == [good]
