"""`/api/profiles`: the user profiles of a customer."""

from __future__ import annotations

import pytest

from api.conftest import Api, Customer, error
from doubles import contents
from samples import sample
from stores import Store
from webhooks.accounts.account import MAX_PROFILES
from webhooks.store.connection import Client

PATH = "/api/profiles"


def test_creating_a_profile_returns_its_key(customer: Customer) -> None:
    answer = customer.call("POST", PATH, json={"title": "Zoë's shop 🥖", "unknown": 1})
    assert answer.status == 200
    ref_id, key = answer.json["refId"], answer.json["profileKey"]
    assert answer.json == {"status": "success", "title": "Zoë's shop 🥖", "refId": ref_id, "profileKey": key}
    assert customer.call("GET", "/api/hook/webhook", headers={"Profile-Key": key}).json["refId"] == ref_id


def test_profiles_are_listed_without_their_keys(customer: Customer) -> None:
    shops = {customer.add_profile(title).ref_id: title for title in ("one", "two")}
    answer = customer.call("GET", PATH)
    assert answer.status == 200
    listed = sorted(answer.json["profiles"], key=lambda profile: profile["title"])
    assert [(profile["title"], profile["refId"]) for profile in listed] == [
        (title, ref_id) for ref_id, title in shops.items()
    ]
    assert {name for profile in listed for name in profile} == {"title", "refId", "created", "createdUTC"}
    assert set(answer.json) == {"status", "profiles"}


def test_a_listed_profile_has_its_time_of_creation(customer: Customer, fake_redis: Client) -> None:
    """Both forms are the same moment."""
    shop = customer.add_profile()
    fake_redis.hset(f"profile:{shop.ref_id}", "created", "1767575927204")
    (listed,) = customer.call("GET", PATH).json["profiles"]
    assert listed["created"] == "2026-01-05T01:18:47Z"
    assert listed["createdUTC"] == {"_seconds": 1767575927, "_nanoseconds": 204_000_000}


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_the_title_of_a_profile_can_be_changed(customer: Customer, method: str) -> None:
    """No other field changes: fields that clients change elsewhere are ignored."""
    shop, other = customer.add_profile("one"), customer.add_profile("two")
    shop.register("social")
    body = {"title": "Zoë's café", "hideTitle": True, "displayTitle": "x", "disableSocial": ["facebook"]}
    answer = shop.call(method, PATH, json=body)
    assert answer.status == 200
    assert answer.json == {"status": "success", "title": "Zoë's café", "refId": shop.ref_id}
    titles = {profile["refId"]: profile["title"] for profile in customer.call("GET", PATH).json["profiles"]}
    assert titles == {shop.ref_id: "Zoë's café", other.ref_id: "two"}
    assert "social" in shop.webhooks()


def test_a_new_title_is_in_all_events_accepted_after_the_change(
    api: Api, customer: Customer, fake_redis: Client
) -> None:
    shop, store = customer.add_profile("old"), Store(fake_redis)
    shop.register("social")
    titles = []
    for title in ("new", "newer"):
        hook_id = api.send(sample("social-link", shop.ref_id)).json["hookId"]
        shop.call("PUT", PATH, json={"title": title})
        titles.append(store.record_of(hook_id).title)
    assert titles == ["old", "new"]


def test_the_profiles_of_another_account_are_not_listed(api: Api, customer: Customer) -> None:
    api.open_account().add_profile("not yours")
    assert customer.call("GET", PATH).json == {"status": "success", "profiles": []}


def test_removing_a_profile_by_its_key_removes_its_webhooks(customer: Customer, fake_redis: Client) -> None:
    before = contents(fake_redis)
    shop = customer.add_profile("Zoë's shop")
    shop.register("social", secret="a-secret")

    answer = shop.call("DELETE", PATH)

    assert answer.status == 200
    assert answer.json == {"status": "success", "title": "Zoë's shop", "refId": shop.ref_id}
    assert contents(fake_redis) == before
    assert shop.call("GET", "/api/hook/webhook").status == 403


def test_an_account_has_a_limited_number_of_profiles(customer: Customer, fake_redis: Client) -> None:
    fake_redis.sadd(f"profiles:{customer.ref_id}", *(f"{number:040x}" for number in range(MAX_PROFILES)))
    before = contents(fake_redis)
    answer = customer.call("POST", PATH, json={"title": "One more"})
    assert answer.status == 409
    assert answer.json == error("profiles", 409, "An account can have at most 5000 user profiles.")
    assert contents(fake_redis) == before
