"""Recovering: all that is wanted is sent again, step by step, a caller that makes the steps and dies meanwhile."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from doubles import OK, PublishedRecoveries, RecordedIds, contents
from stores import Store
from webhooks.deliveries.delivery import State
from webhooks.delivery_log.entries import Cursor, LogFilter, Span
from webhooks.delivery_log.search import MAX_READ
from webhooks.errors import StorageUnavailable, UnknownRecovery
from webhooks.redelivery.bulk import MAX_OWED, STEPS, RecoveryRunner
from webhooks.redelivery.recovery import Recovery, Stage
from webhooks.redelivery.redelivery import MAX_ATTEMPTS, RedeliveryReceipt
from webhooks.store.connection import moment
from webhooks.store.redeliveries import RedisRecoveries

EXHAUSTED = LogFilter(state=State.EXHAUSTED)


class Scene:
    """An account, and workers that make the steps of its recoveries."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.profile = store.account(social="https://hooks.example/", feed="https://hooks.example/")
        self.publish_ids = RecordedIds()
        self.publish = PublishedRecoveries()
        self.recovery_runner = RecoveryRunner(
            store.records, store.recoveries, store.accounts, self.publish_ids, self.publish
        )

    def exhausted(self, count: int) -> list[str]:
        """Return the hookIds of so many deliveries that are exhausted."""
        return self.store.exhausted(self.profile, count)

    def begin(self, log_filter: LogFilter = EXHAUSTED, profile: str | None = None) -> str:
        """Begin a recovery of the last hour; returns its id."""
        since = moment(self.store.clock()) - timedelta(hours=1)
        self.store.clock.advance(0.001)
        return self.recovery_runner.begin(Span(self.profile, profile, since), log_filter).recovery_id

    def run(self) -> None:
        """Work on what is published until nothing is."""
        while self.publish.published:
            self.recovery_runner.go_on(*self.publish.published.pop())

    def recovery(self, recovery_id: str) -> Recovery:
        """Return a recovery as a customer sees it."""
        return self.recovery_runner.recovery(self.profile, recovery_id)

    def outcome(self, recovery_id: str) -> tuple[Stage, int | None, int, int, int]:
        """Return what a recovery tells: its stage, total, done, failed and percent."""
        found = self.recovery(recovery_id)
        return found.stage, found.total, found.done, found.failed, found.percent


@pytest.fixture
def scene(store: Store) -> Scene:
    return Scene(store)


def test_all_that_is_wanted_is_sent_again(scene: Scene) -> None:
    """The oldest first, and nothing else."""
    ids = scene.exhausted(3 * MAX_READ + 1)
    others = [scene.store.ended(scene.profile, State.DELIVERED, OK), scene.store.owed(scene.profile)]
    recovery_id = scene.begin()
    assert scene.outcome(recovery_id) == (Stage.COUNTING, None, 0, 0, 0)

    with capture_logs() as logs:
        scene.run()

    assert scene.outcome(recovery_id) == (Stage.FINISHED, len(ids), len(ids), 0, 100)
    assert scene.publish_ids.hook_ids == ids
    assert {scene.store.delivery(hook_id).state for hook_id in ids} == {State.QUEUED}
    assert scene.store.delivery(others[0]).state is State.DELIVERED
    assert logs == [
        {
            "event": "recovery.finished",
            "log_level": "info",
            "recovery_id": recovery_id,
            "account": scene.profile,
        }
    ]


def test_nothing_to_send_is_finished_too(scene: Scene) -> None:
    recovery_id = scene.begin()
    scene.run()
    assert scene.outcome(recovery_id) == (Stage.FINISHED, 0, 0, 0, 100)


def test_action_state_profile_and_time_say_what_is_wanted(scene: Scene) -> None:
    store = scene.store
    shop = store.profile(scene.profile)
    store.ended(scene.profile)
    store.clock.advance(3600)
    social, feed = store.ended(scene.profile), store.ended(scene.profile, action="feed")
    canceled, of_shop = store.ended(scene.profile, State.CANCELED), store.ended(shop)
    for log_filter, profile, expected in (
        (LogFilter("feed", State.EXHAUSTED), None, [feed]),
        (LogFilter(state=State.CANCELED), None, [canceled]),
        (EXHAUSTED, shop, [of_shop]),
        (EXHAUSTED, None, [social]),
    ):
        scene.publish_ids.published.clear()
        scene.begin(log_filter, profile)
        scene.run()
        assert scene.publish_ids.hook_ids == expected


def test_after_some_steps_others_have_their_turn(scene: Scene) -> None:
    """It is published again for that."""
    scene.exhausted(STEPS * MAX_READ + 1)
    recovery_id = scene.begin()
    assert scene.publish.published == [(recovery_id, 0)]
    scene.recovery_runner.go_on(recovery_id, 0)
    assert scene.publish.published == [(recovery_id, 0), (recovery_id, STEPS)]
    assert scene.recovery(recovery_id).counted == STEPS * MAX_READ


def test_percent_grows_to_a_hundred_and_not_before_the_end(scene: Scene) -> None:
    scene.exhausted(2 * STEPS * MAX_READ)
    recovery_id = scene.begin()
    seen = []
    while scene.publish.published:
        scene.recovery_runner.go_on(*scene.publish.published.pop())
        seen.append(scene.recovery(recovery_id).percent)
    assert seen == sorted(seen)
    assert len(set(seen)) > 2
    assert (seen[0], seen[-1]) == (0, 100)


def test_a_message_that_comes_twice_does_nothing_twice(scene: Scene) -> None:
    ids = scene.exhausted(STEPS * MAX_READ + 1)
    recovery_id = scene.begin()
    scene.run()
    before = contents(scene.store.redis)
    for step in range(4 * STEPS):
        scene.recovery_runner.go_on(recovery_id, step)
    assert contents(scene.store.redis) == before
    assert scene.publish_ids.hook_ids == ids


@pytest.mark.parametrize("lives", range(1, 9))
def test_whenever_its_worker_dies_the_next_goes_on_where_it_stood(scene: Scene, lives: int) -> None:
    """What it had redelivered is written down with how far it had come, though it may not have rung for it."""

    class Mortal(RecordedIds):
        """A worker that dies when it rings for the so many-th time."""

        def __call__(self, *arguments: object, **options: object) -> None:
            super().__call__(*arguments, **options)  # type: ignore[arg-type]
            if len(self.published) == lives:
                raise KeyboardInterrupt

    store = scene.store
    ids = scene.exhausted(8 * MAX_READ)
    recovery_id = scene.begin()
    mortal = Mortal()
    scene.recovery_runner = RecoveryRunner(store.records, store.recoveries, store.accounts, mortal, scene.publish)
    with pytest.raises(KeyboardInterrupt):
        scene.run()
    assert scene.publish.published == []

    scene.recovery_runner = RecoveryRunner(
        store.records, store.recoveries, store.accounts, scene.publish_ids, scene.publish
    )
    store.clock.advance(3)
    scene.recovery_runner.wake()
    scene.run()

    assert scene.outcome(recovery_id) == (Stage.FINISHED, len(ids), len(ids), 0, 100)
    assert [*mortal.hook_ids, *scene.publish_ids.hook_ids] == ids


def test_what_is_away_meanwhile_costs_nothing(scene: Scene) -> None:
    """The task fails, and the sweep begins it again."""

    class Away(RedisRecoveries):
        """Its answers get lost."""

        def advance(self, *arguments: Any) -> list[RedeliveryReceipt] | None:
            super().advance(*arguments)
            raise StorageUnavailable

    store = scene.store
    ids = scene.exhausted(3)
    recovery_id = scene.begin()
    away = RecoveryRunner(
        store.records, Away(store.redis, store.clock), store.accounts, scene.publish_ids, scene.publish
    )
    for step in (0, 1):
        with pytest.raises(StorageUnavailable):
            away.go_on(recovery_id, step)
    assert scene.outcome(recovery_id) == (Stage.FINISHED, 3, 3, 0, 100)
    assert {store.delivery(hook_id).state for hook_id in ids} == {State.QUEUED}
    assert {store.wakeup(hook_id) for hook_id in ids} == {3}


def test_nothing_wakes_while_it_is_gone_on_with(scene: Scene) -> None:
    scene.exhausted(1)
    recovery_id = scene.begin()
    scene.publish.published.clear()
    scene.recovery_runner.wake()
    assert scene.publish.published == []
    scene.store.clock.advance(3)
    scene.recovery_runner.wake()
    assert scene.publish.published == [(recovery_id, 0)]


def test_too_many_owed_are_waited_for(scene: Scene) -> None:
    """What is owed takes more room than what has ended. The sweep looks again after a while."""
    (hook_id,) = scene.exhausted(1)
    recovery_id = scene.begin()
    key = f"onItsWay:{scene.profile}"
    scene.store.redis.set(key, MAX_OWED)
    scene.run()
    assert scene.outcome(recovery_id) == (Stage.REDELIVERING, 1, 0, 0, 0)
    scene.store.redis.set(key, MAX_OWED - 1)
    scene.store.clock.advance(3)
    scene.recovery_runner.wake()
    scene.run()
    assert scene.outcome(recovery_id) == (Stage.FINISHED, 1, 1, 0, 100)
    assert scene.publish_ids.hook_ids == [hook_id]


def test_what_cannot_be_sent_again_has_failed(scene: Scene) -> None:
    store = scene.store
    gone, worn_out = store.ended(scene.profile, action="feed"), store.owed(scene.profile)
    store.webhooks.remove(scene.profile, "feed")
    while len(store.delivery(worn_out).attempts) < MAX_ATTEMPTS - 1:
        store.claim(worn_out, lease=0.001)
        store.redis.hset(f"delivery:{worn_out}", "interruptions", 0)
        store.clock.advance(1)
    store.end(worn_out)
    (fine,) = scene.exhausted(1)
    recovery_id = scene.begin()
    scene.run()
    assert scene.outcome(recovery_id) == (Stage.FINISHED, 3, 1, 2, 100)
    assert scene.publish_ids.hook_ids == [fine]
    assert store.delivery(gone).state is State.EXHAUSTED


def test_what_changes_between_counting_and_reviving_does_not_spoil_the_end(scene: Scene) -> None:
    """One that was sent again by hand meanwhile is not sent twice, and not missed in the total either."""
    first, second = scene.exhausted(2)
    recovery_id = scene.begin()
    recovery = scene.recovery(recovery_id)
    scene.recovery_runner.go_on(recovery_id, recovery.step + 5)  # not its next step
    assert scene.recovery(recovery_id) == recovery
    scene.store.redis.delete(f"ended:{first}")
    scene.run()
    assert scene.outcome(recovery_id) == (Stage.FINISHED, 1, 1, 0, 100)
    assert scene.publish_ids.hook_ids == [second]


def test_a_recovery_is_its_accounts_own(scene: Scene) -> None:
    recovery_id = scene.begin()
    for account, asked in ((scene.store.account(), recovery_id), (scene.profile, "neverHeardOf")):
        with pytest.raises(UnknownRecovery):
            scene.recovery_runner.recovery(account, asked)


@pytest.mark.parametrize(
    ("stage", "counted", "done", "failed", "total", "percent"),
    [
        (Stage.COUNTING, 7, 0, 0, None, 0),
        (Stage.REDELIVERING, 0, 0, 0, 0, 0),
        (Stage.REDELIVERING, 1000, 0, 0, 1000, 0),
        (Stage.REDELIVERING, 1000, 995, 4, 1000, 99),
        (Stage.REDELIVERING, 10, 9, 1, 10, 99),
        (Stage.REDELIVERING, 10, 11, 1, 12, 99),
        (Stage.FINISHED, 10, 8, 1, 9, 100),
        (Stage.FINISHED, 0, 0, 0, 0, 100),
    ],
)
def test_progress_is_reported_honestly(
    stage: Stage, counted: int, done: int, failed: int, total: int | None, percent: int
) -> None:
    recovery = Recovery("id", Span("account"), EXHAUSTED, 1, stage, Cursor(1, 1), counted, done, failed)
    assert (recovery.total, recovery.percent) == (total, percent)
