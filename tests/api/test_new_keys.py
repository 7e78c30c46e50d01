"""Replacing keys with an overlap: `POST /api/admin/accounts/<refId>/key` and `POST /api/profiles/key`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

import pytest
from flask import Flask
from structlog.testing import capture_logs

from api.conftest import Answer, Api, Customer, bad_input, error
from doubles import SettableClock, contents
from running import wait_until
from webhooks.store.connection import Client

WEBHOOK, PROFILE_KEY = "/api/hook/webhook", "/api/profiles/key"
DAY = 86_400

pytestmark = pytest.mark.usefixtures("clock")

#: Replaces a key of a customer with this body; returns the answer and the name of the field with the new key.
Replace: TypeAlias = Callable[[Customer, Any], Answer]


def replace_api_key(customer: Customer, body: Any) -> Answer:
    return customer.api.operate("POST", f"/api/admin/accounts/{customer.ref_id}/key", json=body)


def replace_profile_key(shop: Customer, body: Any) -> Answer:
    return shop.call("POST", PROFILE_KEY, json=body)


@pytest.fixture
def app(app_with_clock: Flask) -> Flask:
    return app_with_clock


@pytest.fixture
def shop(customer: Customer) -> Customer:
    return customer.add_profile("Zoë's shop")


@pytest.fixture(params=["account", "profile"])
def owner(request: pytest.FixtureRequest, customer: Customer, shop: Customer) -> Customer:
    """The customer whose key is replaced."""
    return {"account": customer, "profile": shop}[request.param]


@pytest.fixture
def replace_key(owner: Customer) -> Replace:
    return replace_api_key if owner.profile_key is None else replace_profile_key


def with_key_of(owner: Customer, answer: Answer) -> Customer:
    """Return the customer with the key of the answer."""
    if owner.profile_key is None:
        return replace(owner, key=answer.json["apiKey"])
    return replace(owner, profile_key=answer.json["profileKey"])


def may_call(customer: Customer) -> bool:
    answer = customer.call("GET", WEBHOOK)
    assert answer.status in {200, 401, 403}
    assert answer.status != 200 or answer.json["refId"] == customer.ref_id
    return answer.status == 200


def test_replacing_an_account_key_returns_the_new_key(customer: Customer) -> None:
    answer = replace_api_key(customer, {"graceSeconds": 90})
    assert answer.status == 200
    assert answer.json == {
        "status": "success",
        "refId": customer.ref_id,
        "apiKey": answer.json["apiKey"],
        "oldKeyValidUntil": "2026-01-05T10:01:30Z",
    }
    assert may_call(with_key_of(customer, answer))


def test_replacing_a_profile_key_returns_the_new_key(shop: Customer) -> None:
    answer = replace_profile_key(shop, {"graceSeconds": 90, "source": "pypi"})
    assert answer.status == 200
    assert answer.json == {
        "status": "success",
        "title": "Zoë's shop",
        "refId": shop.ref_id,
        "profileKey": answer.json["profileKey"],
        "oldKeyValidUntil": "2026-01-05T10:01:30Z",
    }
    assert may_call(with_key_of(shop, answer))


@pytest.mark.parametrize(
    ("body", "seconds"),
    [({}, DAY), ({"graceSeconds": 1}, 1), ({"graceSeconds": 30 * DAY}, 30 * DAY)],
)
def test_the_old_key_stays_valid_for_the_given_time(
    owner: Customer, replace_key: Replace, body: Any, seconds: int
) -> None:
    answer = replace_key(owner, body)
    until = datetime(2026, 1, 5, 10, tzinfo=UTC) + timedelta(seconds=seconds)
    assert answer.json["oldKeyValidUntil"] == until.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert may_call(owner)


def test_without_a_body_the_old_key_stays_valid_for_a_day(shop: Customer) -> None:
    answers = [
        shop.call("POST", PROFILE_KEY),
        shop.api.operate("POST", f"/api/admin/accounts/{shop.api.open_account().ref_id}/key"),
    ]
    assert [answer.json["oldKeyValidUntil"] for answer in answers] == ["2026-01-06T10:00:00Z"] * 2


def test_an_old_key_becomes_invalid_at_its_end(owner: Customer, replace_key: Replace) -> None:
    answer = replace_key(owner, {"graceSeconds": 1})
    wait_until(lambda: not may_call(owner), 5, "ended")
    assert may_call(with_key_of(owner, answer))


def test_with_an_overlap_of_0_the_old_key_ends_at_once(owner: Customer, replace_key: Replace) -> None:
    answer = replace_key(owner, {"graceSeconds": 0})
    assert answer.json["oldKeyValidUntil"] == "2026-01-05T10:00:00Z"
    assert not may_call(owner)
    assert may_call(with_key_of(owner, answer))


def test_a_key_is_not_replaced_while_an_older_key_is_valid(
    owner: Customer, replace_key: Replace, clock: SettableClock, fake_redis: Client
) -> None:
    """Callers may still use the older key; an overlap of 0 ends it."""
    second = with_key_of(owner, replace_key(owner, {"graceSeconds": 90}))
    before = contents(fake_redis)
    clock.advance(89)
    refused = replace_key(second, {"graceSeconds": 1})
    assert refused.status == 409
    assert refused.json["message"] == (
        "The key before this one is valid until 2026-01-05T10:01:30Z; replace again then, or with graceSeconds 0, "
        "which ends all older keys at once."
    )
    assert refused.json == error(refused.json["action"], 409, refused.json["message"])
    assert contents(fake_redis) == before

    clock.advance(1)
    third = with_key_of(owner, replace_key(second, {}))
    fourth = with_key_of(owner, replace_key(third, {"graceSeconds": 0}))
    assert [may_call(customer) for customer in (owner, second, third, fourth)] == [False, False, False, True]


@pytest.mark.parametrize("grace", [0, 60])
def test_an_old_profile_key_cannot_replace_the_new_one(
    shop: Customer, clock: SettableClock, fake_redis: Client, grace: int
) -> None:
    """Whoever has found an old key must not get the next one."""
    renewed = with_key_of(shop, replace_profile_key(shop, {"graceSeconds": 90}))
    before = contents(fake_redis)
    answer = replace_profile_key(shop, {"graceSeconds": grace})
    assert answer.status == 409
    assert answer.json == error("profiles", 409, "This key has been replaced already.")
    assert contents(fake_redis) == before
    clock.advance(90)
    assert replace_profile_key(renewed, {"graceSeconds": grace}).status == 200


def test_an_operator_can_replace_a_lost_profile_key(api: Api, shop: Customer) -> None:
    answer = api.operate("POST", f"/api/admin/profiles/{shop.ref_id}/key", json={"graceSeconds": 0})
    assert answer.status == 200
    assert answer.json == {
        "status": "success",
        "title": "Zoë's shop",
        "refId": shop.ref_id,
        "profileKey": answer.json["profileKey"],
        "oldKeyValidUntil": "2026-01-05T10:00:00Z",
    }
    assert may_call(with_key_of(shop, answer))
    assert not may_call(shop)


def test_removing_a_profile_ends_both_of_its_keys(shop: Customer) -> None:
    renewed = with_key_of(shop, replace_profile_key(shop, {}))
    assert shop.call("DELETE", "/api/profiles").status == 200
    assert not may_call(shop)
    assert not may_call(renewed)


def test_a_caller_replaces_its_own_profile_key(customer: Customer, fake_redis: Client) -> None:
    before = contents(fake_redis)
    answer = customer.call("POST", PROFILE_KEY, json={})
    assert answer.status == 400
    assert set(answer.json["errors"]) == {"Profile-Key"}
    assert contents(fake_redis) == before


def test_an_unknown_ref_id_is_404(api: Api, shop: Customer, fake_redis: Client) -> None:
    before = contents(fake_redis)
    for ref_id in ("f" * 40, shop.ref_id):
        answer = api.operate("POST", f"/api/admin/accounts/{ref_id}/key", json={})
        assert answer.status == 404
        assert answer.json == error("accounts", 144, "No account has this refId.")
    assert contents(fake_redis) == before


@pytest.mark.parametrize("grace", [-1, 30 * DAY + 1, 1.5, 60.0, "60", None, True, [], {}, 10**300])
def test_a_bad_overlap_is_named_and_changes_nothing(
    owner: Customer, replace_key: Replace, fake_redis: Client, grace: Any
) -> None:
    before = contents(fake_redis)
    answer = replace_key(owner, {"graceSeconds": grace})
    assert answer.status == 400
    assert set(answer.json["errors"]) == {"graceSeconds"}
    assert answer.json == bad_input(answer.json["action"], answer.json["errors"])
    assert contents(fake_redis) == before


def test_an_unknown_field_from_an_operator_is_refused(customer: Customer) -> None:
    answer = replace_api_key(customer, {"grace": 0})
    assert (answer.status, set(answer.json["errors"])) == (400, {"grace"})
    assert may_call(customer)


def test_keys_are_stored_as_fingerprints_and_never_logged(
    owner: Customer, replace_key: Replace, fake_redis: Client
) -> None:
    with capture_logs() as logs:
        new = with_key_of(owner, replace_key(owner, {}))
        again = with_key_of(owner, replace_key(new, {"graceSeconds": 0}))
        assert may_call(again)
    texts = f"{contents(fake_redis)} {logs}"
    keys = {key for customer in (owner, new, again) for key in (customer.key, customer.profile_key) if key}
    assert len(keys) >= 3
    assert not [key for key in keys if key in texts]
