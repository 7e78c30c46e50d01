"""The sweep publishes overdue deliveries, and those that are due before the next sweep."""

from __future__ import annotations

from datetime import timedelta

import pytest

from doubles import LedgerWithOutages, RecordedIds
from stores import Store
from webhooks.deliveries.sweep import Sweep
from webhooks.deliveries.wakeup import WakeUp
from webhooks.errors import StorageUnavailable
from webhooks.store.connection import moment


@pytest.fixture
def publish_ids() -> RecordedIds:
    return RecordedIds()


@pytest.fixture
def sweeping(store: Store, publish_ids: RecordedIds) -> Sweep:
    return Sweep(store.ledger, publish_ids)


@pytest.fixture
def profile(store: Store) -> str:
    return store.account(social="https://hooks.example/")


def test_nothing_is_published_while_nothing_is_overdue(
    sweeping: Sweep, store: Store, profile: str, publish_ids: RecordedIds
) -> None:
    store.owed(profile)
    assert sweeping.sweep() == 0
    assert publish_ids.published == []


def test_an_id_whose_message_was_lost_is_published_again(
    sweeping: Sweep, store: Store, profile: str, publish_ids: RecordedIds
) -> None:
    lost = [store.owed(profile) for _ in range(3)]
    store.clock.advance(3)
    assert sweeping.sweep() == 3
    assert sorted(publish_ids.hook_ids) == sorted(lost)
    assert [delay for _, delay in publish_ids.published] == [0]


def test_a_delivery_of_a_worker_that_died_is_published_when_its_lease_ends(
    sweeping: Sweep, store: Store, profile: str, publish_ids: RecordedIds
) -> None:
    hook_id = store.owed(profile)
    store.claim(hook_id, lease=15)
    store.clock.advance(13.9)
    assert sweeping.sweep() == 0
    store.clock.advance(0.5)
    assert sweeping.sweep() == 1
    assert publish_ids.published == [([hook_id], 0.6)]


@pytest.mark.parametrize(
    ("ahead", "delay"), [(0.001, 0.1), (0.1, 0.1), (0.101, 0.2), (0.25, 0.3), (0.999, 1.0), (1.0, 1.0)]
)
def test_a_scheduled_delivery_is_published_up_to_a_tenth_of_a_second_late(
    sweeping: Sweep, store: Store, profile: str, publish_ids: RecordedIds, ahead: float, delay: float
) -> None:
    """Never early, as it would be dropped as not yet due."""
    hook_id = store.owed(profile, due=moment(store.clock()) + timedelta(seconds=60))
    store.clock.advance(60 - ahead)
    sweeping.sweep()
    assert publish_ids.published == [([hook_id], delay)]


def test_those_due_at_nearly_the_same_time_share_a_message(
    sweeping: Sweep, store: Store, profile: str, publish_ids: RecordedIds
) -> None:
    start = moment(store.clock())
    waits = (60.01, 60.05, 60.1, 60.15)
    first, second, third, fourth = (
        store.owed(profile, due=start + timedelta(seconds=seconds)) for seconds in waits
    )
    store.clock.advance(60)
    sweeping.sweep()
    assert publish_ids.published == [([first, second, third], 0.1), ([fourth], 0.2)]


def test_a_published_delivery_is_left_alone_for_a_while(
    sweeping: Sweep, store: Store, profile: str, publish_ids: RecordedIds
) -> None:
    """A sweep each second must not pile up messages while workers are behind."""
    store.owed(profile)
    store.clock.advance(3)
    assert [sweeping.sweep() for _ in range(3)] == [1, 0, 0]
    assert len(publish_ids.published) == 1


def test_wakeups_are_published_even_if_resuming_fails(
    store: Store, profile: str, publish_ids: RecordedIds
) -> None:
    """Their next wake-up is already set then, so they would not be published for ten seconds or more."""

    class NothingResumed(LedgerWithOutages):
        def resume(self, limit: int) -> list[WakeUp]:
            raise StorageUnavailable(limit)

    hook_id = store.owed(profile)
    store.clock.advance(3)
    with pytest.raises(StorageUnavailable):
        Sweep(NothingResumed(store.ledger), publish_ids).sweep()
    assert publish_ids.hook_ids == [hook_id]
