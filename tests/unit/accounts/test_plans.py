"""What an account pays for decides what is delivered, judged again at each attempt (contract section 2)."""

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
    """One that may have everything, with a webhook for each action."""
    scene.store.change_plan(scene.profile, "enterprise", "messaging")
    for action in CATALOGUE:
        scene.store.register(scene.profile, action, URL)
    return scene.profile


def owed(store: Store, account: str, event: str) -> str:
    """Accept an event, told as in the table; returns its hookId."""
    action, _, platform = event.partition("/")
    return store.owed(account, action=action, platform=special_platform(action, {"platform": platform}))


@pytest.mark.parametrize("table", [REGISTERING, DELIVERING], ids=["registering", "delivering"])
def test_the_table_leaves_nothing_out(table: list[Row]) -> None:
    subscriptions = [(row.plan, row.add_ons) for row in table]
    assert subscriptions == list(itertools.product(PLANS, [(), ADD_ONS]))
    assert {cell.partition("/")[0] for row in table for cell in row.cells} == set(CATALOGUE)


@pytest.mark.parametrize("row", DELIVERING, ids=str)
def test_an_attempt_is_made_if_the_plan_and_the_add_on_of_the_moment_allow_it(
    scene: Scene, account: str, row: Row
) -> None:
    """Whatever they were when the event was accepted."""
    hook_ids = {event: owed(scene.store, account, event) for event in row.cells}
    scene.store.change_plan(account, row.plan, *row.add_ons)

    with scene.worker() as worker:
        worker.deliver(list(hook_ids.values()))
        for place in range(len(scene.calls.sent)):
            scene.calls.end(OK, place)

    states = {event: scene.store.delivery(hook_id).state for event, hook_id in hook_ids.items()}
    ends = {"yes": State.DELIVERED, "no": State.NOT_ENTITLED}
    assert states == {event: ends[cell] for event, cell in row.cells.items()}
    assert len(scene.calls.sent) == list(row.cells.values()).count("yes")


def test_what_is_not_paid_for_any_more_ends_with_its_attempts_in_the_log(scene: Scene) -> None:
    """A chain of retries is no promise to go on."""
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


def test_a_plan_that_is_regained_before_the_next_attempt_has_lost_nothing(scene: Scene) -> None:
    (hook_id,) = scene.owed(1)
    scene.attempt(hook_id, REFUSED)
    scene.store.change_plan(scene.profile, "free")
    scene.store.change_plan(scene.profile, "launch")
    scene.store.clock.advance(5)
    scene.attempt(hook_id, OK)
    assert scene.store.delivery(hook_id).state is State.DELIVERED


def test_the_deliveries_of_others_go_on(scene: Scene) -> None:
    """Those that come by the same message."""
    other = scene.store.account(social=URL)
    shop = scene.store.profile(other)
    lost, kept = scene.owed(1), [scene.store.owed(other), scene.store.owed(shop)]
    scene.store.change_plan(scene.profile, "free")
    with scene.worker() as worker:
        worker.deliver([kept[0], *lost, kept[1]])
        for place in range(2):
            scene.calls.end(OK, place)
    states = [scene.store.delivery(hook_id).state for hook_id in (*lost, *kept)]
    assert states == [State.NOT_ENTITLED, State.DELIVERED, State.DELIVERED]


def test_a_webhook_that_was_removed_cancels_whatever_the_plan(scene: Scene) -> None:
    """It was the customer's own doing."""
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
def test_a_platform_need_not_be_known_unless_it_is_a_special_one(
    action: str, event: dict[str, object], platform: str | None
) -> None:
    assert special_platform(action, event) == platform


def test_what_is_lacking_is_reported(store: Store) -> None:
    """And the plan first: an add-on would not help."""
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
