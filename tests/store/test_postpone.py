"""Postponing: what cannot be attempted now waits in a queue, and is resumed as fast as it can be taken."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from stores import Store
from webhooks.deliveries import State
from webhooks.ledger import Postponement
from webhooks.ringing import Alarm

QUEUE = "host:hooks.example"


@pytest.fixture
def profile(store: Store) -> str:
    return store.account(social="https://hooks.example/")


def postpone(store: Store, hook_ids: Sequence[str], queue: str = QUEUE) -> None:
    store.ledger.postpone([Postponement(claim, queue) for claim in store.claims(hook_ids).claims])


def resume(store: Store, limit: int = 5000) -> list[str]:
    """Resume, a second after the last time."""
    store.clock.advance(1)
    return [alarm.hook_id for alarm in store.ledger.resume(limit)]


def test_what_is_postponed_is_owed_and_neither_due_nor_leased(store: Store, profile: str) -> None:
    hook_id = store.owed(profile)
    postpone(store, [hook_id])
    delivery = store.delivery(hook_id)
    assert (delivery.state, delivery.due, delivery.attempts) == (State.QUEUED, None, ())
    assert store.claims([hook_id]).claims == []


def test_what_is_resumed_is_due_and_no_retry(store: Store, profile: str) -> None:
    """No attempt was begun, so the receiver cannot have seen it."""
    hook_id = store.owed(profile)
    postpone(store, [hook_id])
    store.clock.advance(1)
    assert store.ledger.resume(100) == [Alarm(hook_id, 0.0)]
    assert store.alarm(hook_id) == 3  # should its message be lost
    claim = store.claim(hook_id)
    assert (claim.number, claim.retry) == (1, False)
    assert store.delivery(hook_id).attempts == ()


def test_a_queue_that_is_empty_leaves_nothing_behind(store: Store, profile: str) -> None:
    postpone(store, [store.owed(profile)])
    resume(store)
    assert resume(store) == []
    assert store.redis.keys("*postponed*") == []
    assert store.redis.exists("refused") == 0


def test_the_oldest_are_resumed_first(store: Store, profile: str) -> None:
    hook_ids = []
    for _ in range(15):
        hook_ids.append(store.owed(profile))
        store.clock.advance(1)
    postpone(store, hook_ids[8:])
    postpone(store, hook_ids[:8])
    assert resume(store, limit=10) == hook_ids[:10]
    assert resume(store, limit=10) == hook_ids[10:]


def test_twice_as_many_are_resumed_each_time_or_half_as_many_if_some_were_refused(
    store: Store, profile: str
) -> None:
    """And 10 at least, so that those who wait have a chance beside those who come."""
    hook_ids = [store.owed(profile) for _ in range(1000)]
    postpone(store, hook_ids)
    counts = []
    for refused in (True, True, True, True, True, False, False):
        resumed = resume(store)
        counts.append(len(resumed))
        if refused:
            postpone(store, resumed[:1])
    assert counts == [200, 100, 50, 25, 12, 10, 20]


def test_many_queues_share_what_is_resumed(store: Store, profile: str) -> None:
    """One with a great many must not keep the others waiting."""
    long = [store.owed(profile) for _ in range(20)]
    postpone(store, long, "host:long.example")
    short = store.owed(profile)
    postpone(store, [short], "host:short.example")
    resumed = resume(store, limit=6)
    assert short in resumed
    assert len(resumed) == 4


def test_a_claim_that_has_passed_on_is_not_postponed(store: Store, profile: str) -> None:
    hook_id = store.owed(profile)
    claim = store.claim(hook_id)
    store.clock.advance(15)
    successor = store.claim(hook_id)
    store.ledger.postpone([Postponement(claim, QUEUE)])
    assert resume(store) == []
    assert store.redis.hget(f"delivery:{hook_id}", "token") == successor.token


def test_a_queue_that_is_lost_loses_no_delivery(store: Store, profile: str) -> None:
    """They are due again an hour later."""
    hook_id = store.owed(profile)
    postpone(store, [hook_id])
    store.redis.delete("postponed", f"postponed:{QUEUE}")
    assert store.alarm(hook_id) == 3600
    store.clock.advance(3600)
    assert [alarm.hook_id for alarm in store.ledger.alarms(100, ahead=0)] == [hook_id]
    assert store.claim(hook_id).number == 1


def test_what_has_ended_or_vanished_meanwhile_is_not_resumed(store: Store, profile: str) -> None:
    gone, there = [store.owed(profile) for _ in range(2)]
    postpone(store, [gone, there])
    store.redis.delete(f"delivery:{gone}")
    assert resume(store) == [there]


def test_what_came_back_by_its_alarm_is_not_resumed_while_it_is_called(store: Store, profile: str) -> None:
    """It would be called a second time."""
    hook_id = store.owed(profile)
    postpone(store, [hook_id])
    store.clock.advance(3600)
    claim = store.claim(hook_id)
    assert resume(store) == []
    assert store.claims([hook_id]).claims == []
    assert (claim.number, claim.retry) == (1, False)


def test_sweeps_that_have_piled_up_resume_once(store: Store, profile: str) -> None:
    """How many are resumed grows from second to second, not from sweep to sweep."""
    postpone(store, [store.owed(profile) for _ in range(1000)])
    assert [len(store.ledger.resume(5000)) for _ in range(3)] == [200, 0, 0]


def test_what_cannot_be_read_keeps_no_other_from_being_resumed(store: Store, profile: str) -> None:
    bad, good = [store.owed(profile) for _ in range(2)]
    postpone(store, [bad, good])
    store.redis.delete(f"delivery:{bad}")
    store.redis.set(f"delivery:{bad}", "no hash")
    assert resume(store) == [good]
