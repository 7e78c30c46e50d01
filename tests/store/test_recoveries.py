"""Recoveries: how far one has come is written down with what it revives, step by step."""

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
    """Begin a recovery of all that is exhausted."""
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


def test_a_recovery_is_found_as_it_was_begun(store: Store, profile: str) -> None:
    now = moment(store.clock())
    span = Span(profile, store.profile(profile), now - timedelta(days=2), now - timedelta(days=1))
    recovery = Recovery(new_recovery_id(), span, LogFilter("social", State.CANCELED))
    store.recoveries.begin(recovery)
    assert store.recoveries.find(recovery.recovery_id) == recovery
    assert store.recoveries.find("neverHeardOf") is None


def test_it_is_about_nothing_that_comes_later(store: Store, recovery: Recovery) -> None:
    assert recovery.span.until == moment(store.clock())


def test_a_step_redelivers_and_is_recorded(store: Store, profile: str, recovery: Recovery) -> None:
    """Those whose webhook is gone have failed, like those that the step says cannot be sent again."""
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


def test_what_another_caller_has_sent_again_is_neither_done_nor_failed(
    store: Store, profile: str, recovery: Recovery
) -> None:
    read = redeliveries(store, store.ended(profile))
    store.redeliveries.redeliver(read[0])
    store.recoveries.advance(recovery, REDELIVERING, read)
    assert (current(store, recovery).done, current(store, recovery).failed) == (0, 0)


def test_what_is_counted_adds_up(store: Store, recovery: Recovery) -> None:
    for count in (50, 7):
        step = current(store, recovery)
        assert store.recoveries.advance(step, Progress(Stage.COUNTING, Cursor(count, 0), counted=count), []) == []
    assert current(store, recovery) == replace(recovery, step=2, cursor=Cursor(7, 0), counted=57)


def test_a_step_is_made_once(store: Store, profile: str, recovery: Recovery) -> None:
    """Of two workers with the same message one is too late: nothing of its step is done."""
    first, second = redeliveries(store, store.ended(profile), store.ended(profile))
    store.recoveries.advance(recovery, REDELIVERING, [first])
    before = contents(store.redis)
    assert store.recoveries.advance(recovery, REDELIVERING, [second]) is None
    assert contents(store.redis) == before


def test_a_recovery_that_has_expired_is_not_gone_on_with(store: Store, profile: str, recovery: Recovery) -> None:
    read = redeliveries(store, store.ended(profile))
    store.redis.delete(f"recovery:{recovery.recovery_id}")
    assert store.recoveries.advance(recovery, REDELIVERING, read) is None
    store.clock.advance(60)
    assert store.recoveries.stalled(10) == []
    assert store.redis.zcard("unfinished") == 0


def test_one_of_which_no_one_hears_stands_still(store: Store, recovery: Recovery) -> None:
    """And has time again when it was taken."""
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


def test_one_that_waits_for_long_is_kept(store: Store, recovery: Recovery) -> None:
    """Until it has finished, for each time that someone looks."""
    for key in (f"recovery:{recovery.recovery_id}", f"unfinished:{recovery.span.account}"):
        store.redis.expire(key, 10)
    store.clock.advance(3)
    assert store.recoveries.stalled(10) == [(recovery.recovery_id, 0)]
    for key in (f"recovery:{recovery.recovery_id}", f"unfinished:{recovery.span.account}"):
        assert store.redis.ttl(key) == RECOVERY_LIFETIME.total_seconds()


def test_not_more_stand_still_than_are_asked_for(store: Store, profile: str) -> None:
    for _ in range(3):
        begun(store, profile)
    store.clock.advance(3)
    assert [len(store.recoveries.stalled(2)) for _ in range(3)] == [2, 1, 0]


def test_one_that_has_finished_does_not_stand_still(store: Store, recovery: Recovery) -> None:
    store.recoveries.advance(recovery, Progress(Stage.FINISHED), [])
    store.clock.advance(60)
    assert store.recoveries.stalled(10) == []
    assert current(store, recovery).stage is Stage.FINISHED


def test_a_recovery_is_known_for_a_while_after_its_last_step(store: Store, recovery: Recovery) -> None:
    key = f"recovery:{recovery.recovery_id}"
    store.redis.persist(key)
    store.recoveries.advance(recovery, Progress(Stage.FINISHED), [])
    assert 0 < store.redis.ttl(key) <= RECOVERY_LIFETIME.total_seconds()


def test_an_account_has_no_more_than_a_few_that_run(store: Store, profile: str) -> None:
    """Those that have finished, or expired, do not count; nor do another account's."""
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


def test_it_says_how_many_are_owed(store: Store, profile: str) -> None:
    assert store.recoveries.owed_by(profile) == 0
    store.owed(profile)
    assert store.recoveries.owed_by(profile) == 1
