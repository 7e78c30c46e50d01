"""`/api/hook/history`: an object by action, as existing clients read it."""

from __future__ import annotations

import pytest

from api.conftest import Api, Customer
from doubles import OK
from samples import sample
from stores import Store
from webhooks.deliveries.delivery import State
from webhooks.store.connection import Client

PATH = "/api/hook/history"


@pytest.fixture
def store(fake_redis: Client) -> Store:
    """The store of the API."""
    return Store(fake_redis)


def test_a_history_without_deliveries_is_an_empty_object(customer: Customer) -> None:
    answer = customer.call("GET", PATH)
    assert (answer.status, answer.json) == (200, {})


def test_payloads_are_listed_under_their_action(api: Api, customer: Customer, store: Store) -> None:
    """A payload has the fields of the event and those that Ringback adds."""
    customer.register("social", "https://hooks.example/social")
    event = sample("social-link", customer.ref_id, created="2026-01-05T09:59:58Z")
    hook_id = api.send(event).json["hookId"]
    store.clock.now = store.redis.time()[0] * 1000 + 1000
    store.end(hook_id, State.DELIVERED, OK)
    assert customer.call("GET", PATH).json == {
        "social": [
            {
                **event,
                "hookId": hook_id,
                "title": "Acme",
                "url": "https://hooks.example/social",
                "code": 200,
                "retry": False,
                "timeStamp": store.clock.now // 1000,
            }
        ]
    }


def test_a_history_can_be_limited_to_one_action(customer: Customer, store: Store) -> None:
    for action in ("social", "feed"):
        customer.register(action)
        store.ended(customer.ref_id, action=action)
    assert set(customer.call("GET", PATH).json) == {"social", "feed"}
    assert set(customer.call("GET", f"{PATH}?action=feed").json) == {"feed"}
    assert customer.call("GET", f"{PATH}?action=batch").json == {}


def test_each_profile_has_a_history_of_its_own(customer: Customer, store: Store) -> None:
    """This includes calls to the webhook of the primary profile."""
    customer.register("social")
    shop = customer.add_profile()
    hook_ids = [store.ended(ref_id) for ref_id in (customer.ref_id, shop.ref_id)]
    for caller, hook_id in zip((customer, shop), hook_ids, strict=True):
        history = caller.call("GET", PATH).json
        assert [payload["hookId"] for payload in history["social"]] == [hook_id]
