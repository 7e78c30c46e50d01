"""Plans and add-ons: who may register webhooks, and whose events are accepted (contract section 2)."""

from __future__ import annotations

from typing import Any

import pytest

from api.conftest import Api, Customer, error
from doubles import PublishedRecoveries, RecordedIds, contents
from entitled import DELIVERING, REGISTERING, Row
from samples import sample
from stores import Store
from webhooks.actions import CATALOGUE
from webhooks.deliveries.delivery import State
from webhooks.redelivery.bulk import RecoveryRunner
from webhooks.store.connection import Client

NO_PLAN = "The account's plan does not include this. These do: premium, launch, business, enterprise."
NO_ADD_ON = "This needs the messaging add-on, which the account does not have."

#: A sample for each action; that of `messages` is about a platform that every plan includes.
SAMPLES = {
    "scheduled": "scheduled-success",
    "social": "social-link",
    "messages": "messages-messageCreated",
    "batch": "batch-users",
    "feed": "feed-rss",
}


def change(customer: Customer, plan: str, *add_ons: str) -> None:
    body = {"plan": plan, "addOns": add_ons}
    answer = customer.api.operate("PATCH", f"/api/admin/accounts/{customer.ref_id}", json=body)
    assert answer.status == 200


def event(name: str, customer: Customer) -> dict[str, Any]:
    """Return the event of a column of the table, such as `social/facebook` or `feed`."""
    action, _, platform = name.partition("/")
    return sample(SAMPLES[action], customer.ref_id, **({"platform": platform} if platform else {}))


@pytest.fixture
def customer(api: Api) -> Customer:
    """A customer with every plan and add-on, and a webhook for each action."""
    customer = api.open_account()
    for action in CATALOGUE:
        customer.register(action)
    return customer


@pytest.mark.parametrize("row", REGISTERING, ids=str)
def test_a_webhook_is_registered_if_the_plan_and_the_add_ons_include_it(api: Api, row: Row) -> None:
    """A user profile has the plan and the add-ons of its account."""
    primary = api.open_account(plan=row.plan, addOns=row.add_ons)
    for profile in (primary, primary.add_profile()):
        answers = {action: profile.register(action) for action in row.cells}
        codes = {
            action: str(answer.json["code"] if answer.status == 403 else answer.status)
            for action, answer in answers.items()
        }
        assert codes == row.cells
        assert profile.webhooks().keys() & row.cells == {action for action in codes if codes[action] == "200"}


@pytest.mark.parametrize("row", DELIVERING, ids=str)
def test_an_event_is_accepted_if_the_plan_and_the_add_ons_include_it(
    api: Api, customer: Customer, fake_redis: Client, publish_ids: RecordedIds, row: Row
) -> None:
    """Excluded events are not stored. All are sent in one batch, and each is checked by itself."""
    change(customer, row.plan, *row.add_ons)
    before = contents(fake_redis)

    results = api.send({"events": [event(name, customer) for name in row.cells]}).json["events"]

    words = {"yes": "queued", "no": "notEntitled"}
    assert [result["state"] for result in results] == [words[cell] for cell in row.cells.values()]
    hook_ids = [result["hookId"] for result in results if "hookId" in result]
    assert len(hook_ids) == list(row.cells.values()).count("yes")
    assert publish_ids.hook_ids == hook_ids
    stored = set(contents(fake_redis)) - set(before)
    assert {key.removeprefix("delivery:") for key in stored if key.startswith("delivery:")} == set(hook_ids)
    assert bool(stored) is bool(hook_ids)


@pytest.mark.parametrize("row", REGISTERING, ids=str)
def test_a_webhook_is_active_if_the_plan_and_the_add_ons_include_it(
    api: Api, customer: Customer, row: Row
) -> None:
    change(customer, row.plan, *row.add_ons)
    active = {action: api.ask(f"action={action}&refId={customer.ref_id}").json["active"] for action in row.cells}
    assert active == {action: cell == "200" for action, cell in row.cells.items()}


@pytest.mark.parametrize(
    ("plan", "action", "code", "message"),
    [("free", "social", 169, NO_PLAN), ("business", "messages", 361, NO_ADD_ON)],
)
def test_a_refusal_names_what_is_missing_and_changes_nothing(
    api: Api, fake_redis: Client, plan: str, action: str, code: int, message: str
) -> None:
    """This is checked before the URL, as another URL would not help."""
    customer = api.open_account(plan=plan, addOns=[])
    before = contents(fake_redis)
    answer = customer.register(action, "https://10.0.0.1/", secret="a-secret")
    assert (answer.status, answer.json) == (403, error("webhook", code, message))
    assert contents(fake_redis) == before


def test_a_free_account_cannot_set_a_secret(api: Api, fake_redis: Client) -> None:
    customer = api.open_account(plan="free")
    before = contents(fake_redis)
    answer = customer.call("POST", "/api/hook/webhook/secret", json={"secret": "a-secret"})
    assert (answer.status, answer.json) == (403, error("webhook", 169, NO_PLAN))
    assert contents(fake_redis) == before


@pytest.mark.parametrize(
    ("plan", "action", "code", "message"),
    [("free", "social", 169, NO_PLAN), ("business", "messages", 361, NO_ADD_ON)],
)
def test_a_test_event_needs_the_same_plan_as_a_webhook(
    customer: Customer, fake_redis: Client, plan: str, action: str, code: int, message: str
) -> None:
    """The answer differs from that without a webhook."""
    change(customer, plan)
    before = contents(fake_redis)
    answer = customer.call("POST", "/api/hook/webhook/test", json={"action": action})
    assert (answer.status, answer.json) == (403, error("test", code, message))
    assert contents(fake_redis) == before


@pytest.mark.parametrize(
    ("plan", "action", "code", "message"),
    [("free", "social", 169, NO_PLAN), ("business", "messages", 361, NO_ADD_ON)],
)
def test_a_redelivery_needs_the_same_plan_as_a_webhook(
    customer: Customer, fake_redis: Client, plan: str, action: str, code: int, message: str
) -> None:
    hook_id = Store(fake_redis).ended(customer.ref_id, action=action)
    change(customer, plan)
    before = contents(fake_redis)
    one = customer.call("POST", f"/api/hook/deliveries/{hook_id}/resend")
    assert (one.status, one.json) == (403, error("deliveries", code, message))
    many = customer.call("POST", "/api/hook/recover", json={"since": "2026-01-05", "action": action})
    assert (many.status, many.json) == (403, error("recover", code, message))
    assert contents(fake_redis) == before


def test_deliveries_missed_without_a_plan_are_found_and_redelivered(
    customer: Customer, fake_redis: Client, recoveries: PublishedRecoveries
) -> None:
    store = Store(fake_redis)
    missed, _ = store.ended(customer.ref_id, State.NOT_ENTITLED), store.ended(customer.ref_id)
    listed = customer.call("GET", "/api/hook/deliveries?state=notEntitled").json["deliveries"]
    assert [(delivery["hookId"], delivery["state"]) for delivery in listed] == [(missed, "notEntitled")]

    begun = customer.call("POST", "/api/hook/recover", json={"since": "2026-01-05", "state": "notEntitled"})
    assert begun.status == 202
    publish_ids = RecordedIds()
    RecoveryRunner(store.records, store.recoveries, store.accounts, publish_ids, recoveries).make_steps(
        *recoveries.published.pop()
    )
    assert publish_ids.hook_ids == [missed]


def test_webhooks_stay_registered_when_the_plan_is_lost(api: Api, customer: Customer) -> None:
    """Meanwhile it is listed and can be removed, and it works again when the plan is regained."""
    change(customer, "free")
    assert customer.webhooks().keys() >= set(CATALOGUE)
    assert customer.call("DELETE", "/api/hook/webhook", json={"action": "batch"}).status == 200
    assert customer.call("DELETE", "/api/hook/webhook/secret").status == 200
    assert api.send(event("social", customer)).json["state"] == "notEntitled"
    change(customer, "premium")
    assert api.send(event("social", customer)).json["state"] == "queued"
    assert api.send(event("batch", customer)).json["state"] == "unregistered"


def test_an_event_that_the_plan_excludes_is_answered_not_entitled(api: Api, customer: Customer) -> None:
    """With and without a webhook."""
    shop = customer.add_profile()
    change(customer, "free")
    customer.call("DELETE", "/api/hook/webhook", json={"action": "social"})
    for name, profile in (("batch", shop), ("social", shop), ("social", customer)):
        answer = api.send(event(name, profile))
        assert answer.status == 202
        assert answer.json == {
            "status": "success",
            "action": name,
            "refId": profile.ref_id,
            "state": "notEntitled",
        }


def test_a_producer_posts_a_feed_item_that_the_plan_excludes(api: Api, customer: Customer) -> None:
    change(customer, "free")
    assert api.send(event("feed", customer)).json["autoPost"] is True


def test_an_event_that_the_plan_excludes_does_not_use_its_key(api: Api, customer: Customer) -> None:
    """Repeated after the plan is regained, it is delivered."""
    change(customer, "free")
    body = {**event("social", customer), "idempotencyKey": "order-7"}
    assert api.send(body).json["state"] == "notEntitled"
    change(customer, "launch")
    answer = api.send(body).json
    assert (answer["state"], "duplicate" in answer) == ("queued", False)


def test_an_accepted_event_stays_a_duplicate_after_the_plan_is_lost(api: Api, customer: Customer) -> None:
    body = {**event("social", customer), "idempotencyKey": "order-7"}
    first = api.send(body).json
    change(customer, "free")
    assert api.send(body).json == {**first, "duplicate": True}
