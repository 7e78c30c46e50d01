"""The steps of recoveries: none is lost or made twice when a worker dies or storage fails."""

from __future__ import annotations

from typing import Any

import pytest

from doubles import RecordedIds, contents
from stores import Store
from unit.redelivery.recovery_scene import RecoveryScene
from webhooks.deliveries.delivery import State
from webhooks.delivery_log.search import MAX_READ
from webhooks.errors import StorageUnavailable
from webhooks.redelivery.bulk import MAX_OWED, STEPS, RecoveryRunner
from webhooks.redelivery.recovery import Stage
from webhooks.redelivery.redelivery import RedeliveryReceipt
from webhooks.store.redeliveries import RedisRecoveries


@pytest.fixture
def scene(store: Store) -> RecoveryScene:
    return RecoveryScene(store)


def test_after_some_steps_a_recovery_is_published_again(scene: RecoveryScene) -> None:
    """So other recoveries can continue."""
    scene.exhausted(STEPS * MAX_READ + 1)
    recovery_id = scene.begin()
    assert scene.publish.published == [(recovery_id, 0)]
    scene.recovery_runner.make_steps(recovery_id, 0)
    assert scene.publish.published == [(recovery_id, 0), (recovery_id, STEPS)]
    assert scene.recovery(recovery_id).counted == STEPS * MAX_READ


def test_a_duplicate_message_redelivers_nothing_twice(scene: RecoveryScene) -> None:
    ids = scene.exhausted(STEPS * MAX_READ + 1)
    recovery_id = scene.begin()
    scene.run()
    before = contents(scene.store.redis)
    for step in range(4 * STEPS):
        scene.recovery_runner.make_steps(recovery_id, step)
    assert contents(scene.store.redis) == before
    assert scene.publish_ids.hook_ids == ids


@pytest.mark.parametrize("publications", range(1, 9))
def test_another_worker_continues_a_recovery_at_the_step_where_its_worker_died(
    scene: RecoveryScene, publications: int
) -> None:
    """The progress is stored with the redeliveries, even if their ids have not been published."""

    class DyingWorker(RecordedIds):
        """A worker that dies at this publication of ids."""

        def __call__(self, *arguments: object, **options: object) -> None:
            super().__call__(*arguments, **options)  # type: ignore[arg-type]
            if len(self.published) == publications:
                raise KeyboardInterrupt

    store = scene.store
    ids = scene.exhausted(8 * MAX_READ)
    recovery_id = scene.begin()
    dying = DyingWorker()
    scene.recovery_runner = RecoveryRunner(store.records, store.recoveries, store.accounts, dying, scene.publish)
    with pytest.raises(KeyboardInterrupt):
        scene.run()
    assert scene.publish.published == []

    scene.recovery_runner = RecoveryRunner(
        store.records, store.recoveries, store.accounts, scene.publish_ids, scene.publish
    )
    store.clock.advance(3)
    scene.recovery_runner.publish_stalled()
    scene.run()

    assert scene.outcome(recovery_id) == (Stage.FINISHED, len(ids), len(ids), 0, 100)
    assert [*dying.hook_ids, *scene.publish_ids.hook_ids] == ids


def test_a_lost_answer_of_storage_loses_no_redelivery(scene: RecoveryScene) -> None:
    """The task fails, and the sweep publishes the recovery again."""

    class LostAnswers(RedisRecoveries):
        """Storage that makes each step, but whose answers are lost."""

        def advance(self, *arguments: Any) -> list[RedeliveryReceipt] | None:
            super().advance(*arguments)
            raise StorageUnavailable

    store = scene.store
    ids = scene.exhausted(3)
    recovery_id = scene.begin()
    runner = RecoveryRunner(
        store.records, LostAnswers(store.redis, store.clock), store.accounts, scene.publish_ids, scene.publish
    )
    for step in (0, 1):
        with pytest.raises(StorageUnavailable):
            runner.make_steps(recovery_id, step)
    assert scene.outcome(recovery_id) == (Stage.FINISHED, 3, 3, 0, 100)
    assert {store.delivery(hook_id).state for hook_id in ids} == {State.QUEUED}
    assert {store.wakeup(hook_id) for hook_id in ids} == {3}


def test_a_recovery_is_published_by_the_sweep_only_after_it_has_stalled(scene: RecoveryScene) -> None:
    scene.exhausted(1)
    recovery_id = scene.begin()
    scene.publish.published.clear()
    scene.recovery_runner.publish_stalled()
    assert scene.publish.published == []
    scene.store.clock.advance(3)
    scene.recovery_runner.publish_stalled()
    assert scene.publish.published == [(recovery_id, 0)]


def test_a_recovery_pauses_while_too_many_deliveries_are_owed(scene: RecoveryScene) -> None:
    """An owed delivery takes more memory than an ended one. The sweep tries again after a while."""
    (hook_id,) = scene.exhausted(1)
    recovery_id = scene.begin()
    key = f"onItsWay:{scene.profile}"
    scene.store.redis.set(key, MAX_OWED)
    scene.run()
    assert scene.outcome(recovery_id) == (Stage.REDELIVERING, 1, 0, 0, 0)
    scene.store.redis.set(key, MAX_OWED - 1)
    scene.store.clock.advance(3)
    scene.recovery_runner.publish_stalled()
    scene.run()
    assert scene.outcome(recovery_id) == (Stage.FINISHED, 1, 1, 0, 100)
    assert scene.publish_ids.hook_ids == [hook_id]
