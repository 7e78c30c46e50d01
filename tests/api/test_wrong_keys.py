"""Wrong keys are counted by the address they come from; correct ones still work there."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask

from api.conftest import Api, Customer, error
from config.settings import Settings
from doubles import ADMIN_KEY, PRODUCER_KEY, RecordedIds, SettableClock, contents
from webhooks.accounts.rate_limits import WRONG_KEYS
from webhooks.store.connection import Client
from webhooks_api.app import create_app

WEBHOOK, EVENTS, ACCOUNT = "/api/hook/webhook", "/api/events", f"/api/admin/accounts/{'a' * 40}"
HOME, ELSEWHERE = "192.0.2.1", "192.0.2.2"

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def app(app_with_clock: Flask) -> Flask:
    return app_with_clock


def use_up(api: Api) -> None:
    """Try as many wrong keys at once as are allowed."""
    for _ in range(WRONG_KEYS.calls):
        assert api.call("GET", WEBHOOK, "wrong", HOME).status == 401


def test_too_many_wrong_keys_are_answered_429(api: Api, clock: SettableClock) -> None:
    use_up(api)
    answer = api.call("GET", WEBHOOK, "wrong", HOME)
    assert answer.status == 429
    assert answer.json == error("webhook", 429, "Too many wrong keys came from this address. Try again in 3 s.")
    assert answer.headers["Retry-After"] == "3"
    assert "X-RateLimit-Limit" not in answer.headers

    clock.advance(3)
    assert [api.call("GET", WEBHOOK, "wrong", HOME).status for _ in range(2)] == [401, 429]


def test_wrong_keys_of_all_kinds_are_counted_together(api: Api, customer: Customer) -> None:
    use_up(api)
    wrong_profile = {"Profile-Key": "wrong"}
    refused = [
        api.call("POST", EVENTS, "wrong", HOME),
        api.call("POST", EVENTS, customer.key, HOME),
        api.call("GET", ACCOUNT, PRODUCER_KEY, HOME),
        api.call("GET", WEBHOOK, customer.key, HOME, headers=wrong_profile),
    ]
    assert [answer.status for answer in refused] == [429] * 4
    assert [answer.json["action"] for answer in refused] == ["events", "events", "accounts", "webhook"]


def test_a_wrong_profile_key_counts_as_a_wrong_key(api: Api, customer: Customer) -> None:
    headers = {"Profile-Key": "wrong"}
    for _ in range(WRONG_KEYS.calls):
        assert api.call("GET", WEBHOOK, customer.key, HOME, headers=headers).status == 403
    assert api.call("GET", WEBHOOK, customer.key, HOME, headers=headers).status == 429
    assert api.call("GET", WEBHOOK, "wrong", HOME).status == 429


def test_correct_keys_pass_from_an_address_with_many_wrong_keys(api: Api, customer: Customer) -> None:
    shop = customer.add_profile()
    use_up(api)
    assert api.call("GET", WEBHOOK, customer.key, HOME).status == 200
    assert (
        api.call("GET", WEBHOOK, customer.key, HOME, headers={"Profile-Key": str(shop.profile_key)}).status == 200
    )
    assert api.call("POST", EVENTS, PRODUCER_KEY, HOME).status == 400
    assert api.call("GET", ACCOUNT, ADMIN_KEY, HOME).status == 404


def test_wrong_keys_of_one_address_do_not_affect_another(api: Api) -> None:
    use_up(api)
    assert api.call("GET", WEBHOOK, "wrong", ELSEWHERE).status == 401


def test_an_ipv6_client_is_counted_by_its_network(api: Api) -> None:
    """An IPv6 network has more addresses than anybody can count."""
    for number in range(WRONG_KEYS.calls):
        assert api.call("GET", WEBHOOK, "wrong", f"2001:db8:0:1::{number:x}").status == 401
    assert api.call("GET", WEBHOOK, "wrong", "2001:db8:0:1:ffff::1").status == 429
    assert api.call("GET", WEBHOOK, "wrong", "2001:db8:0:2::1").status == 401


@pytest.mark.parametrize("authorization", [None, "", "Bearer", "Bearer ", "Basic d3Jvbmc6"])
def test_a_missing_key_does_not_count_as_a_wrong_key(
    api: Api, fake_redis: Client, authorization: str | None
) -> None:
    headers = {} if authorization is None else {"Authorization": authorization}
    statuses = {api.call("GET", WEBHOOK, address=HOME, headers=headers).status for _ in range(30)}
    assert statuses == {401}
    assert contents(fake_redis) == {}


def test_an_empty_profile_key_does_not_count_as_a_wrong_key(api: Api, customer: Customer) -> None:
    headers = {"Profile-Key": ""}
    calls = range(WRONG_KEYS.calls + 1)
    statuses = {api.call("GET", WEBHOOK, customer.key, HOME, headers=headers).status for _ in calls}
    assert statuses == {403}


def test_only_the_number_of_wrong_keys_is_stored_for_a_short_time(api: Api, fake_redis: Client) -> None:
    use_up(api)
    assert list(contents(fake_redis)) == [f"bucket:address:{HOME}"]
    assert fake_redis.ttl(f"bucket:address:{HOME}") <= WRONG_KEYS.period + 60
    assert "wrong" not in str(contents(fake_redis))


def through(api: Api, forwarded: str) -> int:
    """Try a wrong key through a proxy with this X-Forwarded-For; returns the status."""
    return api.call("GET", WEBHOOK, "wrong", "10.0.0.1", headers={"X-Forwarded-For": forwarded}).status


def test_without_trusted_proxies_forwarded_addresses_are_ignored(api: Api) -> None:
    statuses = [through(api, f"198.51.100.{number}") for number in range(WRONG_KEYS.calls + 1)]
    assert statuses == [401] * WRONG_KEYS.calls + [429]


def test_behind_trusted_proxies_the_forwarded_address_is_counted(settings: Settings, fake_redis: Client) -> None:
    """The entries before it were written by the caller, and are ignored."""
    api = Api(create_app(replace(settings, trusted_proxies=2), fake_redis, RecordedIds(), clock=SettableClock()))
    for number in range(WRONG_KEYS.calls):
        assert through(api, f"198.51.100.{number}, {HOME}, 10.0.0.2") == 401
    assert through(api, f"198.51.100.99, {HOME}, 10.0.0.2") == 429
    assert through(api, f"{HOME}, {ELSEWHERE}, 10.0.0.2") == 401
    assert through(api, f"{ELSEWHERE}, 10.0.0.2") == 401


@pytest.mark.parametrize("ports", [itertools.repeat(443), itertools.count(50_000)])
@pytest.mark.parametrize("address", [HOME, "[2001:db8::1]"])
def test_ports_in_forwarded_addresses_are_ignored(
    settings: Settings, fake_redis: Client, address: str, ports: Iterator[int]
) -> None:
    api = Api(create_app(replace(settings, trusted_proxies=1), fake_redis, RecordedIds(), clock=SettableClock()))
    for _ in range(WRONG_KEYS.calls):
        assert through(api, f"{address}:{next(ports)}") == 401
    assert through(api, f"{address}:{next(ports)}") == 429
    assert through(api, f"{ELSEWHERE}:{next(ports)}") == 401


@pytest.mark.parametrize(
    ("method", "query", "body"),
    [
        ("DELETE", "", {"profileKey": "wrong"}),
        ("PATCH", "", {"profileKey": "wrong", "title": "x"}),
        ("GET", "?profileKeys[0]=wrong", None),
    ],
)
def test_a_wrong_key_in_body_or_query_counts_too(
    api: Api, customer: Customer, method: str, query: str, body: dict[str, str] | None
) -> None:
    use_up(api)
    answer = customer.call(method, f"/api/profiles{query}", json=body, address=HOME)
    assert answer.status == 429
    assert answer.json == error("profiles", 429, "Too many wrong keys came from this address. Try again in 3 s.")


def test_a_correct_key_in_the_body_passes_after_many_wrong_keys(api: Api, customer: Customer) -> None:
    shop = customer.add_profile()
    use_up(api)
    query = {"profileKeys[0]": str(shop.profile_key)}
    assert customer.call("GET", "/api/profiles", query_string=query, address=HOME).status == 200
    body = {"profileKey": shop.profile_key}
    assert customer.call("DELETE", "/api/profiles", json=body, address=HOME).status == 200
