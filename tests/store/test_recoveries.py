"""Recoveries: their progress is stored together with the redeliveries, step by step."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from doubles import contents
from stores import Store
from webhooks.deliveries.delivery import State
from webhooks.delivery_log.entries import Cursor, LogFilter, Span
from webhooks.errors import TooManyRecoveries
from webhooks.redelivery.recovery import Progress, Recovery, Stage, new_recovery_id
from webhooks.redelivery.redelivery import Redelivery, RedeliveryVerdict, redelivery_of
from webhooks.store.connection import moment
from webhooks.store.redeliveries import MAX_RECOVERIES, RECOVERY_LIFETIME

REDELIVERING = Progress(Stage.REDELIVERING)


@pytest.fixture
def profile(store: Store) -> str:
    return store.account(social="https://hooks.example/")


@pytest.fixture
def recovery(store: Store, profile: str) -> Recovery:
    return begun(store, profile)


def begun(store: Store, account: str) -> Recovery:
    """Start a recovery of all exhausted deliveries."""
    since = moment(store.clock()) - timedelta(hours=1)
    recovery = Recovery(new_recovery_id(), Span(account, since=since), LogFilter(state=State.EXHAUSTED))
    store.recoveries.begin(recovery)
    return current(store, recovery)


def current(store: Store, recovery: Recovery) -> Recovery:
    found = store.recoveries.find(recovery.recovery_id)
    assert found is not None
    return found


def redeliveries(store: Store, *hook_ids: str) -> list[Redelivery]:
    found = [redelivery_of(store.record_of(hook_id)) for hook_id in hook_ids]
    return [redelivery for redelivery in found if redelivery is not None]


def test_a_recovery_is_read_as_it_was_started(store: Store, profile: str) -> None:
    now = moment(store.clock())
    span = Span(profile, store.profile(profile), now - timedelta(days=2), now - timedelta(days=1))
    recovery = Recovery(new_recovery_id(), span, LogFilter("social", State.CANCELED))
    store.recoveries.begin(recovery)
    assert store.recoveries.find(recovery.recovery_id) == recovery
    assert store.recoveries.find("neverHeardOf") is None


def test_a_recovery_excludes_later_deliveries(store: Store, recovery: Recovery) -> None:
    assert recovery.span.until == moment(store.clock())


def test_a_step_redelivers_and_is_recorded(store: Store, profile: str, recovery: Recovery) -> None:
    """Deliveries without a webhook have failed, like those that the step refuses."""
    store.register(profile, "feed", "https://hooks.example/")
    redelivered, gone = store.ended(profile), store.ended(profile, action="feed")
    store.webhooks.remove(profile, "feed")

    progress = Progress(Stage.REDELIVERING, Cursor(7, 1), failed=2)
    answers = store.recoveries.advance(recovery, progress, redeliveries(store, redelivered, gone))

    assert answers is not None
    assert [answer.verdict for answer in answers] == [
        RedeliveryVerdict.REDELIVERED,
        RedeliveryVerdict.UNREGISTERED,
    ]
    assert store.delivery(redelivered).state is State.QUEUED
    assert current(store, recovery) == replace(
        recovery, step=1, stage=Stage.REDELIVERING, cursor=Cursor(7, 1), done=1, failed=3
    )


def test_a_delivery_resent_by_another_caller_is_not_counted(
    store: Store, profile: str, recovery: Recovery
) -> None:
    read = redeliveries(store, store.ended(profile))
    store.redeliveries.redeliver(read[0])
    store.recoveries.advance(recovery, REDELIVERING, read)
    assert (current(store, recovery).done, current(store, recovery).failed) == (0, 0)


def test_the_counts_of_a_recovery_add_up(store: Store, recovery: Recovery) -> None:
    for count in (50, 7):
        step = current(store, recovery)
        assert store.recoveries.advance(step, Progress(Stage.COUNTING, Cursor(count, 0), counted=count), []) == []
    assert current(store, recovery) == replace(recovery, step=2, cursor=Cursor(7, 0), counted=57)


def test_a_repeated_step_changes_nothing(store: Store, profile: str, recovery: Recovery) -> None:
    """Of two workers with the same message, the second is too late and nothing of its step is done."""
    first, second = redeliveries(store, store.ended(profile), store.ended(profile))
    store.recoveries.advance(recovery, REDELIVERING, [first])
    before = contents(store.redis)
    assert store.recoveries.advance(recovery, REDELIVERING, [second]) is None
    assert contents(store.redis) == before


def test_an_expired_recovery_is_not_continued(store: Store, profile: str, recovery: Recovery) -> None:
    read = redeliveries(store, store.ended(profile))
    store.redis.delete(f"recovery:{recovery.recovery_id}")
    assert store.recoveries.advance(recovery, REDELIVERING, read) is None
    store.clock.advance(60)
    assert store.recoveries.stalled(10) == []
    assert store.redis.zcard("unfinished") == 0


def test_a_recovery_without_progress_has_stalled(store: Store, recovery: Recovery) -> None:
    """It gets its full time again when a step was made."""
    store.clock.advance(2.999)
    assert store.recoveries.stalled(10) == []
    store.clock.advance(0.001)
    assert store.recoveries.stalled(10) == [(recovery.recovery_id, 0)]
    assert store.recoveries.stalled(10) == []
    store.clock.advance(2)
    store.recoveries.advance(recovery, REDELIVERING, [])
    store.clock.advance(2)
    assert store.recoveries.stalled(10) == []
    store.clock.advance(1)
    assert store.recoveries.stalled(10) == [(recovery.recovery_id, 1)]


def test_looking_for_stalled_recoveries_keeps_them(store: Store, recovery: Recovery) -> None:
    """Each look keeps it, until it has finished."""
    for key in (f"recovery:{recovery.recovery_id}", f"unfinished:{recovery.span.account}"):
        store.redis.expire(key, 10)
    store.clock.advance(3)
    assert store.recoveries.stalled(10) == [(recovery.recovery_id, 0)]
    for key in (f"recovery:{recovery.recovery_id}", f"unfinished:{recovery.span.account}"):
        assert store.redis.ttl(key) == RECOVERY_LIFETIME.total_seconds()


def test_stalled_recoveries_are_returned_up_to_the_maximum(store: Store, profile: str) -> None:
    for _ in range(3):
        begun(store, profile)
    store.clock.advance(3)
    assert [len(store.recoveries.stalled(2)) for _ in range(3)] == [2, 1, 0]


def test_a_finished_recovery_has_not_stalled(store: Store, recovery: Recovery) -> None:
    store.recoveries.advance(recovery, Progress(Stage.FINISHED), [])
    store.clock.advance(60)
    assert store.recoveries.stalled(10) == []
    assert current(store, recovery).stage is Stage.FINISHED


def test_a_recovery_is_kept_for_a_while_after_its_last_step(store: Store, recovery: Recovery) -> None:
    key = f"recovery:{recovery.recovery_id}"
    store.redis.persist(key)
    store.recoveries.advance(recovery, Progress(Stage.FINISHED), [])
    assert 0 < store.redis.ttl(key) <= RECOVERY_LIFETIME.total_seconds()


def test_an_account_has_a_limited_number_of_running_recoveries(store: Store, profile: str) -> None:
    """Finished and expired ones do not count, nor do those of other accounts."""
    running = [begun(store, profile) for _ in range(MAX_RECOVERIES)]
    begun(store, store.account())
    with pytest.raises(TooManyRecoveries):
        begun(store, profile)
    store.recoveries.advance(running[0], Progress(Stage.FINISHED), [])
    store.redis.delete(f"recovery:{running[1].recovery_id}")
    for _ in range(2):
        begun(store, profile)
    with pytest.raises(TooManyRecoveries):
        begun(store, profile)


def test_a_step_returns_how_many_deliveries_are_owed(store: Store, profile: str) -> None:
    assert store.recoveries.owed_by(profile) == 0
    store.owed(profile)
    assert store.recoveries.owed_by(profile) == 1
