"""Every route needs a key of its own kind, and no key of another kind works."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask

from api.conftest import Api, Customer, error
from doubles import ADMIN_KEY, OTHER_PRODUCER_KEY, PRODUCER_KEY, contents
from webhooks.store.connection import Client

WEBHOOK = "/api/hook/webhook"
#: The public routes: probes and the documentation.
PUBLIC = {"health.healthz", "health.readyz", "api-docs.openapi_json", "docs.page", "docs.file", "front.lead"}
#: The kind of key that each blueprint needs.
CALLERS = {
    "webhook": "customer",
    "profiles": "customer",
    "deliveries": "customer",
    "history": "customer",
    "recover": "customer",
    "test": "customer",
    "feed": "customer",
    "events": "producer",
    "accounts": "operator",
    "keys": "operator",
}
UNAUTHORIZED = "The key in the Authorization header is absent or unknown."


def keyed_routes(app: Flask) -> list[tuple[str, str, str]]:
    """Return the blueprint, the method and the path of every route that needs a key."""
    return [
        (rule.endpoint.split(".")[0], method, re.sub(r"<\w+>", "a" * 40, rule.rule))
        for rule in app.url_map.iter_rules()
        if rule.endpoint not in PUBLIC
        for method in sorted(rule.methods or ())
    ]


def contents_but_counts(redis: Client) -> dict[str, Any]:
    """Return everything in Redis except the counts of wrong keys."""
    return {key: value for key, value in contents(redis).items() if not key.startswith("bucket:address:")}


def test_every_route_needs_a_key_except_the_public_ones(api: Api) -> None:
    """For every method, including HEAD and OPTIONS."""
    routes = keyed_routes(api.app)
    assert {blueprint for blueprint, _, _ in routes} == set(CALLERS)
    assert [route for route in routes if api.call(*route[1:]).status != 401] == []


def test_only_probes_and_the_documentation_are_public(api: Api) -> None:
    endpoints = {rule.endpoint for rule in api.app.url_map.iter_rules()}
    assert {endpoint for endpoint in endpoints if endpoint.split(".")[0] not in CALLERS} == PUBLIC


def test_a_key_is_valid_only_for_the_routes_of_its_kind(api: Api, customer: Customer) -> None:
    keys = {"customer": customer.key, "producer": OTHER_PRODUCER_KEY, "operator": ADMIN_KEY}
    wrong = [
        (kind, method, path)
        for kind, key in keys.items()
        for blueprint, method, path in keyed_routes(api.app)
        if (api.call(method, path, key).status == 401) is (CALLERS[blueprint] == kind)
    ]
    assert wrong == []


def test_a_malformed_key_is_refused(api: Api, customer: Customer, fake_redis: Client) -> None:
    """A Profile-Key, a refId, a part of a key, and several keys at once."""
    no_keys = [customer.add_profile().profile_key, customer.ref_id, customer.key[:-1], PRODUCER_KEY.upper()]
    no_keys += [f"{PRODUCER_KEY},{OTHER_PRODUCER_KEY}", "é", "null", "*"]
    before = contents_but_counts(fake_redis)
    opened = [
        (key, method, path)
        for key in no_keys
        for _, method, path in keyed_routes(api.app)
        if api.call(method, path, key).status != 401
    ]
    assert opened == []
    assert contents_but_counts(fake_redis) == before


@pytest.mark.parametrize(
    "authorization",
    ["", "Bearer", "Bearer ", "Basic YTpi", "Basic {key}", "{key}", "Bearer{key}", "Bearer: {key}"],
)
def test_a_key_is_sent_as_a_bearer_token(api: Api, customer: Customer, authorization: str) -> None:
    headers = {"Authorization": authorization.format(key=customer.key)}
    answer = api.call("GET", WEBHOOK, headers=headers)
    assert answer.status == 401
    assert answer.json == error("webhook", 102, UNAUTHORIZED)
    assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("authorization", ["Bearer {key}", "bearer {key}", "BEARER  {key} "])
def test_the_word_bearer_may_have_any_case(api: Api, customer: Customer, authorization: str) -> None:
    headers = {"Authorization": authorization.format(key=customer.key)}
    assert api.call("GET", WEBHOOK, headers=headers).status == 200


def test_a_profile_key_of_another_account_is_refused_with_403(api: Api, customer: Customer) -> None:
    stranger = api.open_account()
    for profile_key in (stranger.add_profile().profile_key, stranger.key, customer.key, "unknown", ""):
        answer = customer.call("GET", WEBHOOK, headers={"Profile-Key": profile_key})
        assert answer.status == 403
        assert answer.json == error("webhook", 144, "The Profile-Key belongs to no profile of this account.")


def test_a_profile_key_without_an_api_key_is_refused_with_401(api: Api, customer: Customer) -> None:
    """Without an API key the answer does not say whether the Profile-Key is valid."""
    headers = {"Profile-Key": customer.add_profile().profile_key}
    assert api.call("GET", WEBHOOK, headers=headers).status == 401


def test_a_wrong_profile_key_changes_nothing(api: Api, customer: Customer, fake_redis: Client) -> None:
    headers = {"Profile-Key": api.open_account().add_profile().profile_key}
    before = contents_but_counts(fake_redis)
    body = {"action": "social", "url": "https://hooks.example/"}
    assert customer.call("POST", WEBHOOK, headers=headers, json=body).status == 403
    assert customer.call("DELETE", "/api/profiles", headers=headers).status == 403
    assert contents_but_counts(fake_redis) == before
