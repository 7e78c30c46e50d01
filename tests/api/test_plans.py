"""Plans and add-ons: who may register webhooks, and whose events are taken (contract section 2)."""

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

#: A sample for each action, and for `messages` one that all platforms have.
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
    """Return an event that is told as in the table: `social/facebook`, `feed`."""
    action, _, platform = name.partition("/")
    return sample(SAMPLES[action], customer.ref_id, **({"platform": platform} if platform else {}))


@pytest.fixture
def customer(api: Api) -> Customer:
    """One that may have everything, with a webhook for each action."""
    customer = api.open_account()
    for action in CATALOGUE:
        customer.register(action)
    return customer


@pytest.mark.parametrize("row", REGISTERING, ids=str)
def test_a_webhook_is_registered_if_the_plan_and_the_add_ons_include_it(api: Api, row: Row) -> None:
    """For a user profile as for the primary one: it is the account that pays."""
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
def test_an_event_is_taken_if_the_plan_and_the_add_ons_include_it(
    api: Api, customer: Customer, fake_redis: Client, publish_ids: RecordedIds, row: Row
) -> None:
    """Of the others nothing is stored. All come in one request, and each is judged by itself."""
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
def test_a_refusal_says_what_is_lacking_and_changes_nothing(
    api: Api, fake_redis: Client, plan: str, action: str, code: int, message: str
) -> None:
    """Before the URL is looked at: another would not help."""
    customer = api.open_account(plan=plan, addOns=[])
    before = contents(fake_redis)
    answer = customer.register(action, "https://10.0.0.1/", secret="a-secret")
    assert (answer.status, answer.json) == (403, error("webhook", code, message))
    assert contents(fake_redis) == before


def test_a_free_account_sets_no_secret(api: Api, fake_redis: Client) -> None:
    customer = api.open_account(plan="free")
    before = contents(fake_redis)
    answer = customer.call("POST", "/api/hook/webhook/secret", json={"secret": "a-secret"})
    assert (answer.status, answer.json) == (403, error("webhook", 169, NO_PLAN))
    assert contents(fake_redis) == before


@pytest.mark.parametrize(
    ("plan", "action", "code", "message"),
    [("free", "social", 169, NO_PLAN), ("business", "messages", 361, NO_ADD_ON)],
)
def test_a_test_event_is_refused_as_registering_is(
    customer: Customer, fake_redis: Client, plan: str, action: str, code: int, message: str
) -> None:
    """Not as if there were no webhook."""
    change(customer, plan)
    before = contents(fake_redis)
    answer = customer.call("POST", "/api/hook/webhook/test", json={"action": action})
    assert (answer.status, answer.json) == (403, error("test", code, message))
    assert contents(fake_redis) == before


@pytest.mark.parametrize(
    ("plan", "action", "code", "message"),
    [("free", "social", 169, NO_PLAN), ("business", "messages", 361, NO_ADD_ON)],
)
def test_sending_again_is_refused_as_registering_is(
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


def test_what_was_missed_without_a_plan_is_found_and_sent_again(
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


def test_what_is_registered_outlives_the_plan(api: Api, customer: Customer) -> None:
    """It can be seen and removed meanwhile, and works again when the plan is regained."""
    change(customer, "free")
    assert customer.webhooks().keys() >= set(CATALOGUE)
    assert customer.call("DELETE", "/api/hook/webhook", json={"action": "batch"}).status == 200
    assert customer.call("DELETE", "/api/hook/webhook/secret").status == 200
    assert api.send(event("social", customer)).json["state"] == "notEntitled"
    change(customer, "premium")
    assert api.send(event("social", customer)).json["state"] == "queued"
    assert api.send(event("batch", customer)).json["state"] == "unregistered"


def test_an_event_that_is_not_paid_for_is_answered_so_and_has_no_id(api: Api, customer: Customer) -> None:
    """Whether or not there is a webhook for it."""
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


def test_a_feed_item_that_no_one_may_be_called_for_is_posted_by_the_producer(api: Api, customer: Customer) -> None:
    change(customer, "free")
    assert api.send(event("feed", customer)).json["autoPost"] is True


def test_the_idempotency_key_of_an_event_that_was_not_paid_for_is_free(api: Api, customer: Customer) -> None:
    """Sent again when the plan is regained, it is delivered."""
    change(customer, "free")
    body = {**event("social", customer), "idempotencyKey": "order-7"}
    assert api.send(body).json["state"] == "notEntitled"
    change(customer, "launch")
    answer = api.send(body).json
    assert (answer["state"], "duplicate" in answer) == ("queued", False)


def test_an_event_that_was_taken_while_it_was_paid_for_stays_known(api: Api, customer: Customer) -> None:
    body = {**event("social", customer), "idempotencyKey": "order-7"}
    first = api.send(body).json
    change(customer, "free")
    assert api.send(body).json == {**first, "duplicate": True}
