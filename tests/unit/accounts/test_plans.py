"""The plan and add-ons of an account decide what is delivered, at each attempt (contract section 2)."""

from __future__ import annotations

import itertools

import pytest
from structlog.testing import capture_logs

from doubles import OK, REFUSED
from entitled import DELIVERING, REGISTERING, Row
from stores import Store
from unit.conftest import Scene
from webhooks.accounts.account import ADD_ONS, PLANS
from webhooks.accounts.plans import needs_of, special_platform
from webhooks.actions import CATALOGUE
from webhooks.deliveries.delivery import State
from webhooks.errors import AddOnRequired, PlanRequired

URL = "https://hooks.example/"


@pytest.fixture
def account(scene: Scene) -> str:
    """An account with all entitlements and a webhook for each action."""
    scene.store.change_plan(scene.profile, "enterprise", "messaging")
    for action in CATALOGUE:
        scene.store.register(scene.profile, action, URL)
    return scene.profile


def owed(store: Store, account: str, event: str) -> str:
    """Accept an event, named as in the table; returns its hookId."""
    action, _, platform = event.partition("/")
    return store.owed(account, action=action, platform=special_platform(action, {"platform": platform}))


@pytest.mark.parametrize("table", [REGISTERING, DELIVERING], ids=["registering", "delivering"])
def test_the_table_has_every_plan_add_on_and_action(table: list[Row]) -> None:
    subscriptions = [(row.plan, row.add_ons) for row in table]
    assert subscriptions == list(itertools.product(PLANS, [(), ADD_ONS]))
    assert {cell.partition("/")[0] for row in table for cell in row.cells} == set(CATALOGUE)


@pytest.mark.parametrize("row", DELIVERING, ids=str)
def test_an_attempt_is_made_if_the_current_plan_and_add_ons_allow_it(scene: Scene, account: str, row: Row) -> None:
    """The plan at the time of acceptance does not matter."""
    hook_ids = {event: owed(scene.store, account, event) for event in row.cells}
    scene.store.change_plan(account, row.plan, *row.add_ons)

    with scene.worker() as worker:
        worker.deliver(list(hook_ids.values()))
        for index in range(len(scene.calls.sent)):
            scene.calls.end(OK, index)

    states = {event: scene.store.delivery(hook_id).state for event, hook_id in hook_ids.items()}
    ends = {"yes": State.DELIVERED, "no": State.NOT_ENTITLED}
    assert states == {event: ends[cell] for event, cell in row.cells.items()}
    assert len(scene.calls.sent) == list(row.cells.values()).count("yes")


def test_a_delivery_whose_plan_is_lost_ends_and_keeps_its_attempts_in_the_log(scene: Scene) -> None:
    """Retries do not entitle to further attempts."""
    (hook_id,) = scene.owed(1)
    scene.attempt(hook_id, REFUSED)
    scene.store.change_plan(scene.profile, "free")
    scene.store.clock.advance(5)
    with capture_logs() as logs, scene.worker() as worker:
        worker.deliver([hook_id])

    delivery = scene.store.delivery(hook_id)
    assert (delivery.state, delivery.due, scene.store.wakeup(hook_id)) == (State.NOT_ENTITLED, None, None)
    assert [attempt.outcome for attempt in delivery.attempts] == [REFUSED]
    assert len(scene.calls.sent) == 1
    assert [(log["event"], log["hook_id"]) for log in logs] == [("delivery.not_entitled", hook_id)]


def test_a_plan_that_is_regained_before_the_next_attempt_loses_nothing(scene: Scene) -> None:
    (hook_id,) = scene.owed(1)
    scene.attempt(hook_id, REFUSED)
    scene.store.change_plan(scene.profile, "free")
    scene.store.change_plan(scene.profile, "launch")
    scene.store.clock.advance(5)
    scene.attempt(hook_id, OK)
    assert scene.store.delivery(hook_id).state is State.DELIVERED


def test_a_lost_plan_does_not_affect_other_accounts_in_the_same_message(scene: Scene) -> None:
    other = scene.store.account(social=URL)
    shop = scene.store.profile(other)
    lost, kept = scene.owed(1), [scene.store.owed(other), scene.store.owed(shop)]
    scene.store.change_plan(scene.profile, "free")
    with scene.worker() as worker:
        worker.deliver([kept[0], *lost, kept[1]])
        for index in range(2):
            scene.calls.end(OK, index)
    states = [scene.store.delivery(hook_id).state for hook_id in (*lost, *kept)]
    assert states == [State.NOT_ENTITLED, State.DELIVERED, State.DELIVERED]


def test_a_removed_webhook_cancels_its_deliveries_even_without_a_plan(scene: Scene) -> None:
    """The customer removed it, so that is the reason to report."""
    (hook_id,) = scene.owed(1)
    scene.store.webhooks.remove(scene.profile, "social")
    scene.store.change_plan(scene.profile, "free")
    with scene.worker() as worker:
        worker.deliver([hook_id])
    assert scene.store.delivery(hook_id).state is State.CANCELED


@pytest.mark.parametrize(
    ("action", "event", "platform"),
    [
        ("messages", {"platform": "twitter"}, "twitter"),
        ("messages", {"platform": "facebook"}, None),
        ("social", {"platform": "twitter"}, None),
        ("feed", {"platform": ["twitter"]}, None),
        ("feed", {}, None),
    ],
)
def test_only_platforms_with_a_rule_of_their_own_are_returned(
    action: str, event: dict[str, object], platform: str | None
) -> None:
    assert special_platform(action, event) == platform


def test_the_missing_plan_or_add_on_is_reported(store: Store) -> None:
    """The plan comes first, as an add-on alone would not help."""
    account = store.account()
    store.change_plan(account, "free")
    without_plan = needs_of("messages").lacking(store.accounts.subscription(account))
    store.change_plan(account, "premium")
    without_add_on = needs_of("messages").lacking(store.accounts.subscription(account))
    assert isinstance(without_plan, PlanRequired)
    assert str(without_plan) == (
        "The account's plan does not include this. These do: premium, launch, business, enterprise."
    )
    assert isinstance(without_add_on, AddOnRequired)
    assert str(without_add_on) == "This needs the messaging add-on, which the account does not have."
