"""Wake-up times: what the sweep publishes again, and when."""

from __future__ import annotations

from datetime import timedelta

import pytest

from doubles import REFUSED
from stores import Store
from webhooks.deliveries.claim import Claim, Entry
from webhooks.deliveries.delivery import Attempt, State
from webhooks.deliveries.wakeup import Lane, WakeUp
from webhooks.store.connection import moment


@pytest.fixture
def profile(store: Store) -> str:
    return store.account(social="https://hooks.example/")


def test_a_delivery_wakes_up_when_its_message_is_three_seconds_late(store: Store, profile: str) -> None:
    """The message that was published with the event has this much time."""
    hook_id = store.owed(profile)
    store.clock.advance(2.999)
    assert store.ledger.wakeups(100, ahead=0) == []
    store.clock.advance(0.001)
    assert store.ledger.wakeups(100, ahead=0) == [WakeUp(hook_id, wait=0)]


@pytest.mark.parametrize(
    ("on_their_way", "seconds"), [(200, 3.0), (202, 3.101), (50_000, 28.0), (2_000_000, 303.0)]
)
def test_a_delivery_wakes_up_later_if_its_account_has_many_owed(
    store: Store, profile: str, on_their_way: int, seconds: float
) -> None:
    """Half a millisecond for each, as its message probably waits behind theirs."""
    store.redis.set(f"onItsWay:{profile}", on_their_way - 1)
    assert store.wakeup(store.owed(profile)) == seconds


def test_a_published_delivery_is_not_published_again_at_once(store: Store, profile: str) -> None:
    """Ten seconds, as a backlog must not be published again each second."""
    hook_id = store.owed(profile)
    store.clock.advance(3)
    store.ledger.wakeups(100, ahead=0)

    store.clock.advance(9.999)
    assert store.ledger.wakeups(100, ahead=0) == []
    store.clock.advance(0.001)
    assert store.ledger.wakeups(100, ahead=0) == [WakeUp(hook_id, wait=0)]


def test_the_pause_before_publishing_again_grows_to_five_minutes(store: Store, profile: str) -> None:
    """Workers that are far behind would otherwise find ever more messages for the same deliveries."""
    hook_id = store.owed(profile)
    pauses = []
    store.clock.advance(3)
    for _ in range(8):
        assert store.ledger.wakeups(100, ahead=0) == [WakeUp(hook_id, wait=0)]
        pauses.append(store.wakeup(hook_id) or 0.0)
        store.clock.advance(pauses[-1])
    assert pauses == [10, 13, 26, 52, 104, 208, 300, 300]


def test_after_an_outage_the_pause_starts_at_ten_seconds_again(store: Store, profile: str) -> None:
    """An overdue delivery is published at once, and again after 10 s if that is lost."""
    hook_id = store.owed(profile)
    store.clock.advance(3600)
    assert store.ledger.wakeups(100, ahead=0) == [WakeUp(hook_id, wait=0)]
    assert store.wakeup(hook_id) == 10


def test_a_delivery_scheduled_far_ahead_wakes_up_in_time(store: Store, profile: str) -> None:
    """The sweep looks ahead to the next one, so that the call is made in time."""
    hook_id = store.owed(profile, due=moment(store.clock()) + timedelta(seconds=60))
    store.clock.advance(58.999)
    assert store.ledger.wakeups(100, ahead=1) == []
    store.clock.advance(0.201)
    assert store.ledger.wakeups(100, ahead=1) == [WakeUp(hook_id, wait=0.8)]


def test_a_delivery_published_ahead_pauses_from_its_due_time_on(store: Store, profile: str) -> None:
    hook_id = store.owed(profile, due=moment(store.clock()) + timedelta(seconds=60))
    store.clock.advance(59.5)
    store.ledger.wakeups(100, ahead=1)
    assert store.wakeup(hook_id) == 10.5


def test_a_delivery_wakes_up_at_the_end_of_an_abandoned_lease(store: Store, profile: str) -> None:
    hook_id = store.owed(profile)
    store.claim(hook_id, lease=15)
    store.clock.advance(14.999)
    assert store.ledger.wakeups(100, ahead=0) == []
    store.clock.advance(0.001)
    assert store.ledger.wakeups(100, ahead=0) == [WakeUp(hook_id, wait=0)]


def test_the_longest_overdue_wake_up_first_up_to_the_maximum(store: Store, profile: str) -> None:
    hook_ids = []
    for _ in range(5):
        hook_ids.append(store.owed(profile))
        store.clock.advance(1)
    store.clock.advance(60)

    assert [wakeup.hook_id for wakeup in store.ledger.wakeups(3, ahead=0)] == hook_ids[:3]
    assert [wakeup.hook_id for wakeup in store.ledger.wakeups(3, ahead=0)] == hook_ids[3:]


def test_a_missing_delivery_does_not_wake_up_again(store: Store, profile: str) -> None:
    hook_id = store.owed(profile)
    store.redis.delete(f"delivery:{hook_id}")
    store.clock.advance(60)
    assert store.ledger.wakeups(100, ahead=0) == []
    assert store.wakeup(hook_id) is None


def test_an_unreadable_delivery_wakes_up_so_that_a_claim_reports_it(store: Store, profile: str) -> None:
    no_hash, no_time, whole = hook_ids = [store.owed(profile) for _ in range(3)]
    store.redis.delete(f"delivery:{no_hash}")
    store.redis.set(f"delivery:{no_hash}", "no hash")
    store.redis.hset(f"delivery:{no_time}", "due", "tomorrow")
    store.clock.advance(3)
    assert sorted(store.ledger.wakeups(100, ahead=0), key=lambda wakeup: hook_ids.index(wakeup.hook_id)) == [
        WakeUp(hook_id, wait=0) for hook_id in hook_ids
    ]
    assert [store.wakeup(hook_id) for hook_id in hook_ids] == [300, 300, 10]
    assert [claim.hook_id for claim in store.claims([whole]).claims] == [whole]


def test_a_delivery_in_a_long_queue_is_not_published_again(store: Store, profile: str) -> None:
    """It would make the queue longer still. A delivery that was claimed once has no message there."""
    waiting, interrupted, failed = [store.owed(profile) for _ in range(3)]
    store.claim(interrupted, lease=1)
    store.ledger.record([_failed(store.claim(failed))])
    store.clock.advance(4)
    published = {wakeup.hook_id for wakeup in store.ledger.wakeups(100, ahead=0, long=[Lane.EXPRESS, Lane.BULK])}
    assert published == {interrupted, failed}
    assert store.wakeup(waiting) == 10
    store.clock.advance(10)
    assert waiting in {wakeup.hook_id for wakeup in store.ledger.wakeups(100, ahead=0, long=[Lane.BULK])}


def test_a_delivery_without_an_account_does_not_stop_others(store: Store, profile: str) -> None:
    damaged, whole = [store.owed(profile) for _ in range(2)]
    store.redis.hdel(f"delivery:{damaged}", "account")
    store.clock.advance(3)
    assert {wakeup.hook_id for wakeup in store.ledger.wakeups(100, ahead=0)} == {damaged, whole}


def _failed(claim: Claim) -> Entry:
    return Entry(claim, State.RETRYING, Attempt(1, claim.began, retry=False, outcome=REFUSED), 0.5)
