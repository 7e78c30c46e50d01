"""What is sent again must be paid for again: when it is asked for, and at each attempt (contract section 2)."""

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
    """One that may have everything, with a webhook for messages too."""
    scene.store.change_plan(scene.profile, "enterprise", "messaging")
    scene.store.register(scene.profile, "messages", "https://hooks.example/")
    return scene.profile


@pytest.fixture(params=["exhausted", "interrupted too often"])
def tweet(request: pytest.FixtureRequest, scene: Scene, account: str) -> str:
    """The hookId of a message of Twitter that has ended, in each of the forms in which that is stored."""
    hook_id = scene.store.owed(account, action="messages", platform="twitter")
    if request.param == "exhausted":
        scene.store.end(hook_id)
    else:
        scene.store.park(hook_id)
    return hook_id


@pytest.fixture
def resender(scene: Scene) -> Resender:
    return Resender(scene.store.records, scene.store.redeliveries, scene.store.accounts, scene.publish_ids)


class Recovery:
    """An account's recoveries of the last hour, worked on at once."""

    def __init__(self, scene: Scene) -> None:
        self._store = scene.store
        self._publish = PublishedRecoveries()
        self._recovering = RecoveryRunner(
            scene.store.records, scene.store.recoveries, scene.store.accounts, scene.publish_ids, self._publish
        )

    def run(self, account: str, log_filter: LogFilter) -> int:
        """Send again what is wanted; returns how many that were."""
        since = moment(self._store.clock()) - timedelta(hours=1)
        self._store.clock.advance(0.001)
        recovery = self._recovering.begin(Span(account, None, since), log_filter)
        self._recovering.go_on(*self._publish.published.pop())
        return self._recovering.recovery(account, recovery.recovery_id).done


@pytest.fixture
def recovery(scene: Scene) -> Recovery:
    return Recovery(scene)


def attempt(scene: Scene, hook_id: str) -> State:
    """Let a worker make the next attempt, which succeeds if it is made; returns how the delivery stands then."""
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
def test_what_is_not_paid_for_is_not_sent_again(
    scene: Scene,
    account: str,
    resender: Resender,
    plan: str,
    add_ons: tuple[str, ...],
    platform: str | None,
    error: type[Exception],
) -> None:
    """Nothing has changed then: it stands as it ended."""
    hook_id = scene.store.ended(account, action="messages", platform=platform)
    scene.store.change_plan(account, plan, *add_ons)
    before = contents(scene.store.redis)
    with pytest.raises(error):
        resender.resend(account, hook_id)
    assert contents(scene.store.redis) == before
    assert scene.publish_ids.published == []


def test_a_plan_that_is_lost_after_the_asking_is_missed_at_the_attempt(
    scene: Scene, account: str, resender: Resender, tweet: str
) -> None:
    """Its platform was kept, for that decides here; and is so again."""
    resender.resend(account, tweet)
    scene.store.change_plan(account, "business", "messaging")
    assert attempt(scene, tweet) is State.NOT_ENTITLED
    with pytest.raises(PlanRequired):
        resender.resend(account, tweet)

    scene.store.change_plan(account, "enterprise", "messaging")
    resender.resend(account, tweet)
    assert attempt(scene, tweet) is State.DELIVERED


def test_a_recovery_takes_what_is_not_paid_for_to_its_end(
    scene: Scene, account: str, recovery: Recovery, tweet: str
) -> None:
    """What is paid for is sent beside it."""
    message = scene.store.ended(account, action="messages")
    scene.store.change_plan(account, "business", "messaging")
    assert recovery.run(account, LogFilter("messages", State.EXHAUSTED)) == 2
    assert attempt(scene, tweet) is State.NOT_ENTITLED
    assert attempt(scene, message) is State.DELIVERED


def test_what_was_missed_is_recovered_when_it_is_paid_for_again(
    scene: Scene, account: str, recovery: Recovery
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
def test_a_recovery_of_what_is_not_paid_for_is_not_begun(
    scene: Scene, account: str, recovery: Recovery, plan: str, action: str | None, error: type[Exception]
) -> None:
    scene.store.change_plan(account, plan)
    before = contents(scene.store.redis)
    with pytest.raises(error):
        recovery.run(account, LogFilter(action, State.EXHAUSTED))
    assert contents(scene.store.redis) == before


def test_without_an_add_on_the_other_actions_are_recovered(scene: Scene, account: str, recovery: Recovery) -> None:
    scene.store.ended(account)
    scene.store.change_plan(account, "business")
    assert recovery.run(account, LogFilter(state=State.EXHAUSTED)) == 1
