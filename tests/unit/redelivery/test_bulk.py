"""Recoveries: which deliveries they redeliver, and what they report."""

from __future__ import annotations

import pytest
from structlog.testing import capture_logs

from doubles import OK
from stores import Store
from unit.redelivery.recovery_scene import EXHAUSTED, RecoveryScene
from webhooks.deliveries.delivery import State
from webhooks.delivery_log.entries import LogFilter
from webhooks.delivery_log.search import MAX_READ
from webhooks.errors import UnknownRecovery
from webhooks.redelivery.bulk import STEPS
from webhooks.redelivery.recovery import Stage
from webhooks.redelivery.redelivery import MAX_ATTEMPTS


@pytest.fixture
def scene(store: Store) -> RecoveryScene:
    return RecoveryScene(store)


def test_all_matching_deliveries_are_redelivered(scene: RecoveryScene) -> None:
    """The oldest comes first, and other deliveries are left alone."""
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


def test_a_recovery_without_matching_deliveries_finishes(scene: RecoveryScene) -> None:
    recovery_id = scene.begin()
    scene.run()
    assert scene.outcome(recovery_id) == (Stage.FINISHED, 0, 0, 0, 100)


def test_action_state_profile_and_time_select_the_deliveries(scene: RecoveryScene) -> None:
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


def test_the_percentage_grows_and_reaches_a_hundred_only_at_the_end(scene: RecoveryScene) -> None:
    scene.exhausted(2 * STEPS * MAX_READ)
    recovery_id = scene.begin()
    seen = []
    while scene.publish.published:
        scene.recovery_runner.make_steps(*scene.publish.published.pop())
        seen.append(scene.recovery(recovery_id).percent)
    assert seen == sorted(seen)
    assert len(set(seen)) > 2
    assert (seen[0], seen[-1]) == (0, 100)


def test_deliveries_that_cannot_be_redelivered_count_as_failed(scene: RecoveryScene) -> None:
    store = scene.store
    gone, attempted_too_often = store.ended(scene.profile, action="feed"), store.owed(scene.profile)
    store.webhooks.remove(scene.profile, "feed")
    while len(store.delivery(attempted_too_often).attempts) < MAX_ATTEMPTS - 1:
        store.claim(attempted_too_often, lease=0.001)
        store.redis.hset(f"delivery:{attempted_too_often}", "interruptions", 0)
        store.clock.advance(1)
    store.end(attempted_too_often)
    (redelivered,) = scene.exhausted(1)
    recovery_id = scene.begin()
    scene.run()
    assert scene.outcome(recovery_id) == (Stage.FINISHED, 3, 1, 2, 100)
    assert scene.publish_ids.hook_ids == [redelivered]
    assert store.delivery(gone).state is State.EXHAUSTED


def test_deliveries_that_change_after_counting_are_not_in_the_final_total(scene: RecoveryScene) -> None:
    """A delivery that was resent by hand is not redelivered again, and does not count in the total."""
    first, second = scene.exhausted(2)
    recovery_id = scene.begin()
    recovery = scene.recovery(recovery_id)
    scene.recovery_runner.make_steps(recovery_id, recovery.step + 5)  # not its next step
    assert scene.recovery(recovery_id) == recovery
    scene.store.redis.delete(f"ended:{first}")
    scene.run()
    assert scene.outcome(recovery_id) == (Stage.FINISHED, 1, 1, 0, 100)
    assert scene.publish_ids.hook_ids == [second]


def test_another_accounts_recovery_is_unknown(scene: RecoveryScene) -> None:
    recovery_id = scene.begin()
    for account, hidden_id in ((scene.store.account(), recovery_id), (scene.profile, "neverHeardOf")):
        with pytest.raises(UnknownRecovery):
            scene.recovery_runner.recovery(account, hidden_id)
