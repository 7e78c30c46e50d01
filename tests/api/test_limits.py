"""Rate limits of customers and producers, and the headers about them in each answer."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, TypeAlias

import pytest

from api.conftest import Answer, Api, Customer, error
from api.test_authentication import CALLERS, keyed_routes
from config.settings import Settings
from doubles import ADMIN_KEY, OTHER_PRODUCER_KEY, PRODUCER_KEY, RecordedIds, SettableClock, contents
from samples import sample
from silent_server import SilentServer
from webhooks.store.breaker import Breaker
from webhooks.store.connection import Client, connect
from webhooks_api.app import create_app

WEBHOOK = "/api/hook/webhook"
ACTIVE = f"/api/events/active?action=feed&refId={'a' * 40}"
HEADERS = ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset", "Retry-After")

#: Makes an API with these limits of customers and producers. All share one Redis and one clock.
Limited: TypeAlias = Callable[[int, int], Api]


@pytest.fixture
def limited(settings: Settings, fake_redis: Client, clock: SettableClock) -> Limited:
    def make(api_limit: int, ingest_limit: int) -> Api:
        limits = replace(settings, api_limit=api_limit, ingest_limit=ingest_limit)
        return Api(create_app(limits, fake_redis, RecordedIds(), clock=clock))

    return make


@pytest.fixture
def api(limited: Limited) -> Api:
    """A customer gets a call back after 150 s, and a producer after half a second."""
    return limited(2, 2)


def limit_headers(answer: Answer) -> list[str | None]:
    """Return the rate limit headers of an answer: limit, remaining, reset, and retry-after."""
    return [answer.headers.get(name) for name in HEADERS]


def test_each_answer_to_a_customer_has_the_headers_of_its_rate_limit(customer: Customer) -> None:
    answers = [customer.call("GET", WEBHOOK) for _ in range(2)]
    assert [answer.status for answer in answers] == [200, 200]
    assert [limit_headers(answer) for answer in answers] == [["2", "1", "150", None], ["2", "0", "300", None]]


def test_each_answer_to_a_producer_has_the_headers_of_its_rate_limit(api: Api, customer: Customer) -> None:
    answers = [
        api.send(sample("social-link", customer.ref_id)),
        api.ask(f"action=feed&refId={customer.ref_id}"),
    ]
    assert [answer.status for answer in answers] == [202, 200]
    assert [limit_headers(answer) for answer in answers] == [["2", "1", "1", None], ["2", "0", "1", None]]


def test_an_error_has_the_headers_of_the_rate_limit(api: Api, customer: Customer) -> None:
    answers = [customer.call("DELETE", WEBHOOK, json={"action": "social"}), api.send({})]
    assert [answer.status for answer in answers] == [404, 400]
    assert [limit_headers(answer)[:2] for answer in answers] == [["2", "1"]] * 2


def test_a_customer_over_the_limit_gets_429_and_retry_after(customer: Customer, clock: SettableClock) -> None:
    for _ in range(2):
        customer.call("GET", WEBHOOK)
    answer = customer.call("GET", WEBHOOK)
    assert answer.status == 429
    assert answer.json == error("webhook", 429, "Too many calls were made. Try again in 150 s.")
    assert limit_headers(answer) == ["2", "0", "300", "150"]

    clock.advance(150)
    assert [customer.call("GET", WEBHOOK).status for _ in range(2)] == [200, 429]


def test_a_producer_over_the_limit_gets_429_and_retry_after(api: Api, clock: SettableClock) -> None:
    """In whole seconds, so at least one."""
    for _ in range(2):
        api.send({})
    answer = api.send({})
    assert answer.status == 429
    assert answer.json == error("events", 429, "Too many calls were made. Try again in 1 s.")
    assert limit_headers(answer) == ["2", "0", "1", "1"]

    clock.advance(1)
    assert [api.send({}).status for _ in range(3)] == [400, 400, 429]


@pytest.mark.parametrize("caller", ["customer", "producer"])
def test_every_route_of_customers_and_producers_is_limited(limited: Limited, caller: str) -> None:
    api = limited(1, 1)
    key = api.open_account().key if caller == "customer" else PRODUCER_KEY
    (_, method, path), *others = [route for route in keyed_routes(api.app) if CALLERS[route[0]] == caller]
    answers = [api.call(method, path, key), *(api.call(method, path, key) for _, method, path in others)]
    assert others
    assert {answer.headers.get("X-RateLimit-Limit") for answer in answers} == {"1"}
    assert [answer.status == 429 for answer in answers] == [False] + [True] * len(others)


def test_a_refused_call_changes_nothing(customer: Customer, fake_redis: Client) -> None:
    for _ in range(2):
        customer.call("GET", WEBHOOK)
    before = contents(fake_redis)
    assert customer.register("social").status == 429
    assert contents(fake_redis) == before


def test_each_profile_has_its_own_limit(api: Api, customer: Customer) -> None:
    shop, other = customer.add_profile(), api.open_account()
    customer.call("GET", WEBHOOK)
    assert customer.call("GET", WEBHOOK).status == 429
    assert limit_headers(shop.call("GET", WEBHOOK))[1] == "1"
    assert limit_headers(other.call("GET", WEBHOOK))[1] == "1"


def test_creating_a_profile_counts_for_the_primary_profile(customer: Customer) -> None:
    """Otherwise a caller could create profiles without end, each with its own limit."""
    shop = customer.add_profile()
    answers = [shop.call("POST", "/api/profiles", json={"title": "Another"}) for _ in range(2)]
    assert [answer.status for answer in answers] == [200, 429]
    assert limit_headers(shop.call("GET", WEBHOOK))[1] == "1"


@pytest.mark.parametrize(
    ("options", "status"),
    [
        ({"data": "{", "content_type": "application/json"}, 400),
        ({"data": "{}", "content_type": "text/plain"}, 415),
        ({"json": {"title": "x" * 300_000}}, 413),
        ({"json": {"profileKey": 5}}, 400),
    ],
)
def test_a_call_whose_body_names_no_profile_is_counted_too(
    customer: Customer, options: dict[str, Any], status: int
) -> None:
    answers = [customer.call("PUT", "/api/profiles", **options) for _ in range(3)]
    assert [answer.status for answer in answers] == [status, status, 429]
    assert limit_headers(answers[0])[:2] == ["2", "1"]


def test_a_call_counts_for_the_profile_of_the_key_in_its_body(customer: Customer) -> None:
    shop = customer.add_profile()  # counts for the primary profile
    body = {"title": "new", "profileKey": shop.profile_key}
    answers = [customer.call("PUT", "/api/profiles", json=body) for _ in range(3)]
    assert [answer.status for answer in answers] == [200, 200, 429]
    assert limit_headers(customer.call("GET", WEBHOOK))[1] == "0"


def test_a_new_key_does_not_reset_the_limit(api: Api, customer: Customer) -> None:
    customer.call("GET", WEBHOOK)
    new = api.operate("POST", f"/api/admin/accounts/{customer.ref_id}/key").json["apiKey"]
    assert limit_headers(api.call("GET", WEBHOOK, new))[1] == "0"
    assert customer.call("GET", WEBHOOK).status == 429


def test_each_producer_key_has_its_own_limit(api: Api) -> None:
    for key in (PRODUCER_KEY, OTHER_PRODUCER_KEY):
        assert limit_headers(api.call("GET", ACTIVE, key))[1] == "1"


def test_operators_and_public_routes_are_not_limited(api: Api, customer: Customer) -> None:
    routes = [
        (method, path) for blueprint, method, path in keyed_routes(api.app) if CALLERS[blueprint] == "operator"
    ]
    answers = [api.call(method, path, ADMIN_KEY) for method, path in routes for _ in range(3)]
    answers += [api.call("GET", path) for path in ("/healthz", "/readyz", "/api/openapi.json", "/api/docs/") * 3]
    answers += [api.call("GET", "/api/nothing", customer.key), customer.call("PUT", WEBHOOK)]
    assert {tuple(limit_headers(answer)) for answer in answers} == {(None, None, None, None)}
    assert 429 not in {answer.status for answer in answers}


def test_zero_means_no_limit(limited: Limited, fake_redis: Client) -> None:
    """Nothing is counted then, and no headers are sent."""
    api = limited(0, 0)
    customer = api.open_account()
    answers = [customer.call("GET", WEBHOOK), api.send({}), api.call("GET", ACTIVE, PRODUCER_KEY)]
    assert [limit_headers(answer) for answer in answers] == [[None] * 4] * 3
    assert [key for key in contents(fake_redis) if key.startswith("bucket:")] == []


@pytest.fixture
def api_without_storage(settings: Settings) -> Iterator[Api]:
    """An API whose Redis has just become unreachable."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with connect(f"redis://127.0.0.1:{port}/0") as redis:
        yield Api(create_app(replace(settings, api_limit=2, ingest_limit=2), redis, RecordedIds()))


def test_without_storage_no_limit_is_applied(api_without_storage: Api) -> None:
    send = api_without_storage.send
    answers = [send(sample("social-link")), send({"action": "sociable"}), send({}, key="wrong")]
    answers += [api_without_storage.call("GET", WEBHOOK, "rb_api_x")]
    assert [answer.status for answer in answers] == [503, 400, 401, 503]
    assert {answer.headers.get("X-RateLimit-Limit") for answer in answers} == {None}


def test_only_one_call_waits_for_unresponsive_storage(settings: Settings) -> None:
    """Only counting waits for it."""
    breaker = Breaker(pause=60)
    with (
        SilentServer() as server,
        connect(f"redis://127.0.0.1:{server.port}/0", timeout=0.5, breaker=breaker) as redis,
    ):
        api = Api(create_app(replace(settings, ingest_limit=2), redis, RecordedIds()))
        answer = api.send(sample("social-link"))
        assert server.connections() == 1
    assert (answer.status, answer.headers["Retry-After"]) == (503, "1")
