"""Redeliveries need the plan and the add-ons, at the request and at each attempt (contract section 2)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from doubles import OK, PublishedRecoveries, contents
from unit.conftest import Scene
from webhooks.deliveries.delivery import State
from webhooks.delivery_log.entries import LogFilter, Span
from webhooks.errors import AddOnRequired, PlanRequired
from webhooks.redelivery.bulk import RecoveryRunner
from webhooks.redelivery.resend import Resender
from webhooks.store.connection import moment


@pytest.fixture
def account(scene: Scene) -> str:
    """An account with all entitlements, and a webhook for messages too."""
    scene.store.change_plan(scene.profile, "enterprise", "messaging")
    scene.store.register(scene.profile, "messages", "https://hooks.example/")
    return scene.profile


@pytest.fixture(params=["exhausted", "interrupted too often"])
def tweet(request: pytest.FixtureRequest, scene: Scene, account: str) -> str:
    """The hookId of an ended delivery of a Twitter message, in each form in which it can be stored."""
    hook_id = scene.store.owed(account, action="messages", platform="twitter")
    if request.param == "exhausted":
        scene.store.end(hook_id)
    else:
        scene.store.interrupt_until_exhausted(hook_id)
    return hook_id


@pytest.fixture
def resender(scene: Scene) -> Resender:
    return Resender(scene.store.records, scene.store.redeliveries, scene.store.accounts, scene.publish_ids)


class RecoveryWorker:
    """Runs recoveries of an account's last hour."""

    def __init__(self, scene: Scene) -> None:
        self._store = scene.store
        self._publish = PublishedRecoveries()
        self._runner = RecoveryRunner(
            scene.store.records, scene.store.recoveries, scene.store.accounts, scene.publish_ids, self._publish
        )

    def run(self, account: str, log_filter: LogFilter) -> int:
        """Redeliver what matches; returns how many deliveries did."""
        since = moment(self._store.clock()) - timedelta(hours=1)
        self._store.clock.advance(0.001)
        recovery = self._runner.begin(Span(account, None, since), log_filter)
        self._runner.make_steps(*self._publish.published.pop())
        return self._runner.recovery(account, recovery.recovery_id).done


@pytest.fixture
def recovery(scene: Scene) -> RecoveryWorker:
    return RecoveryWorker(scene)


def attempt(scene: Scene, hook_id: str) -> State:
    """Let a worker make the next attempt, which succeeds if it is made; returns the state of the delivery."""
    with scene.worker() as worker:
        assert worker.deliver([hook_id]) == 1
        if scene.calls.sent:
            scene.calls.end(OK)
    return scene.store.delivery(hook_id).state


@pytest.mark.parametrize(
    ("plan", "add_ons", "platform", "error"),
    [
        ("free", ("messaging",), None, PlanRequired),
        ("business", (), None, AddOnRequired),
        ("business", ("messaging",), "twitter", PlanRequired),
    ],
)
def test_a_delivery_is_not_resent_without_its_plan_and_add_on(
    scene: Scene,
    account: str,
    resender: Resender,
    plan: str,
    add_ons: tuple[str, ...],
    platform: str | None,
    error: type[Exception],
) -> None:
    """The ended delivery is unchanged."""
    hook_id = scene.store.ended(account, action="messages", platform=platform)
    scene.store.change_plan(account, plan, *add_ons)
    before = contents(scene.store.redis)
    with pytest.raises(error):
        resender.resend(account, hook_id)
    assert contents(scene.store.redis) == before
    assert scene.publish_ids.published == []


def test_a_plan_that_is_lost_after_a_resend_ends_the_delivery_at_its_attempt(
    scene: Scene, account: str, resender: Resender, tweet: str
) -> None:
    """The platform is kept with the delivery, as the plan that it needs depends on it."""
    resender.resend(account, tweet)
    scene.store.change_plan(account, "business", "messaging")
    assert attempt(scene, tweet) is State.NOT_ENTITLED
    with pytest.raises(PlanRequired):
        resender.resend(account, tweet)

    scene.store.change_plan(account, "enterprise", "messaging")
    resender.resend(account, tweet)
    assert attempt(scene, tweet) is State.DELIVERED


def test_a_recovery_ends_deliveries_that_the_plan_does_not_include(
    scene: Scene, account: str, recovery: RecoveryWorker, tweet: str
) -> None:
    """Deliveries that the plan includes are made."""
    message = scene.store.ended(account, action="messages")
    scene.store.change_plan(account, "business", "messaging")
    assert recovery.run(account, LogFilter("messages", State.EXHAUSTED)) == 2
    assert attempt(scene, tweet) is State.NOT_ENTITLED
    assert attempt(scene, message) is State.DELIVERED


def test_deliveries_missed_without_a_plan_are_recovered_with_a_new_plan(
    scene: Scene, account: str, recovery: RecoveryWorker
) -> None:
    exhausted, missed = scene.store.ended(account), scene.store.owed(account)
    scene.store.change_plan(account, "free")
    assert attempt(scene, missed) is State.NOT_ENTITLED

    scene.store.change_plan(account, "launch")
    assert recovery.run(account, LogFilter(state=State.NOT_ENTITLED)) == 1
    assert attempt(scene, missed) is State.DELIVERED
    assert scene.store.delivery(exhausted).state is State.EXHAUSTED


@pytest.mark.parametrize(
    ("plan", "action", "error"),
    [
        ("free", None, PlanRequired),
        ("free", "social", PlanRequired),
        ("business", "messages", AddOnRequired),
    ],
)
def test_a_recovery_needs_the_plan_and_the_add_on(
    scene: Scene, account: str, recovery: RecoveryWorker, plan: str, action: str | None, error: type[Exception]
) -> None:
    scene.store.change_plan(account, plan)
    before = contents(scene.store.redis)
    with pytest.raises(error):
        recovery.run(account, LogFilter(action, State.EXHAUSTED))
    assert contents(scene.store.redis) == before


def test_without_an_add_on_a_recovery_redelivers_the_other_actions(
    scene: Scene, account: str, recovery: RecoveryWorker
) -> None:
    scene.store.ended(account)
    scene.store.change_plan(account, "business")
    assert recovery.run(account, LogFilter(state=State.EXHAUSTED)) == 1
