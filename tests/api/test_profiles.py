"""`/api/profiles`: a customer's user profiles."""

from __future__ import annotations

from api.conftest import Api, Customer, error
from doubles import contents
from webhooks.accounts import MOST_PROFILES
from webhooks.store.connection import Client

PATH = "/api/profiles"


def test_a_new_profile_is_answered_with_its_key(customer: Customer) -> None:
    answer = customer.call("POST", PATH, json={"title": "Zoë's shop 🥖", "unknown": 1})
    assert answer.status == 200
    ref_id, key = answer.json["refId"], answer.json["profileKey"]
    assert answer.json == {"status": "success", "title": "Zoë's shop 🥖", "refId": ref_id, "profileKey": key}
    assert customer.call("GET", "/api/hook/webhook", headers={"Profile-Key": key}).json["refId"] == ref_id


def test_profiles_are_listed_without_their_keys(customer: Customer) -> None:
    shops = {customer.add_profile(title).ref_id: title for title in ("one", "two")}
    answer = customer.call("GET", PATH)
    assert answer.status == 200
    assert sorted(answer.json["profiles"], key=lambda profile: profile["title"]) == [
        {"title": title, "refId": ref_id} for ref_id, title in shops.items()
    ]
    assert set(answer.json) == {"status", "profiles"}


def test_an_account_lists_no_profiles_of_another(api: Api, customer: Customer) -> None:
    api.open_account().add_profile("not yours")
    assert customer.call("GET", PATH).json == {"status": "success", "profiles": []}


def test_a_profile_is_removed_by_its_key_with_its_webhooks(customer: Customer, fake_redis: Client) -> None:
    before = contents(fake_redis)
    shop = customer.add_profile("Zoë's shop")
    shop.register("social", secret="a-secret")

    answer = shop.call("DELETE", PATH)

    assert answer.status == 200
    assert answer.json == {"status": "success", "title": "Zoë's shop", "refId": shop.ref_id}
    assert contents(fake_redis) == before
    assert shop.call("GET", "/api/hook/webhook").status == 403


def test_an_account_can_have_only_so_many_profiles(customer: Customer, fake_redis: Client) -> None:
    fake_redis.sadd(f"profiles:{customer.ref_id}", *(f"{number:040x}" for number in range(MOST_PROFILES)))
    before = contents(fake_redis)
    answer = customer.call("POST", PATH, json={"title": "One more"})
    assert answer.status == 409
    assert answer.json == error("profiles", 409, "An account can have at most 5000 user profiles.")
    assert contents(fake_redis) == before
