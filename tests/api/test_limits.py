"""Limits: how often customers and producers may call, and what each answer tells of it."""

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
from webhooks.store.connection import Client, connect
from webhooks_api.app import create_app

WEBHOOK = "/api/hook/webhook"
ACTIVE = f"/api/events/active?action=feed&refId={'a' * 40}"
HEADERS = ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset", "Retry-After")

#: Makes an API with these limits: customers' and producers'. All share what is stored, and a clock.
Limited: TypeAlias = Callable[[int, int], Api]


@pytest.fixture
def limited(settings: Settings, fake_redis: Client, clock: SettableClock) -> Limited:
    def make(api_limit: int, ingest_limit: int) -> Api:
        limits = replace(settings, api_limit=api_limit, ingest_limit=ingest_limit)
        return Api(create_app(limits, fake_redis, RecordedIds(), clock=clock))

    return make


@pytest.fixture
def api(limited: Limited) -> Api:
    """A call comes back after 150 s for a customer, and after half a second for a producer."""
    return limited(2, 2)


def told(answer: Answer) -> list[str | None]:
    """Return what the headers of an answer tell: limit, remaining, reset, and when to try again."""
    return [answer.headers.get(name) for name in HEADERS]


def test_each_answer_to_a_customer_says_what_is_left(customer: Customer) -> None:
    answers = [customer.call("GET", WEBHOOK) for _ in range(2)]
    assert [answer.status for answer in answers] == [200, 200]
    assert [told(answer) for answer in answers] == [["2", "1", "150", None], ["2", "0", "300", None]]


def test_each_answer_to_a_producer_says_what_is_left(api: Api, customer: Customer) -> None:
    answers = [
        api.send(sample("social-link", customer.ref_id)),
        api.ask(f"action=feed&refId={customer.ref_id}"),
    ]
    assert [answer.status for answer in answers] == [202, 200]
    assert [told(answer) for answer in answers] == [["2", "1", "1", None], ["2", "0", "1", None]]


def test_an_error_says_it_too(api: Api, customer: Customer) -> None:
    answers = [customer.call("DELETE", WEBHOOK, json={"action": "social"}), api.send({})]
    assert [answer.status for answer in answers] == [404, 400]
    assert [told(answer)[:2] for answer in answers] == [["2", "1"]] * 2


def test_a_customer_who_calls_too_often_is_reported_when_to_try_again(
    customer: Customer, clock: SettableClock
) -> None:
    for _ in range(2):
        customer.call("GET", WEBHOOK)
    answer = customer.call("GET", WEBHOOK)
    assert answer.status == 429
    assert answer.json == error("webhook", 429, "Too many calls were made. Try again in 150 s.")
    assert told(answer) == ["2", "0", "300", "150"]

    clock.advance(150)
    assert [customer.call("GET", WEBHOOK).status for _ in range(2)] == [200, 429]


def test_a_producer_who_calls_too_often_is_reported_when_to_try_again(api: Api, clock: SettableClock) -> None:
    """In whole seconds, so never sooner than after one."""
    for _ in range(2):
        api.send({})
    answer = api.send({})
    assert answer.status == 429
    assert answer.json == error("events", 429, "Too many calls were made. Try again in 1 s.")
    assert told(answer) == ["2", "0", "1", "1"]

    clock.advance(1)
    assert [api.send({}).status for _ in range(3)] == [400, 400, 429]


@pytest.mark.parametrize("caller", ["customer", "producer"])
def test_every_route_of_theirs_is_limited(limited: Limited, caller: str) -> None:
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


def test_each_profile_has_a_limit_of_its_own(api: Api, customer: Customer) -> None:
    shop, other = customer.add_profile(), api.open_account()
    customer.call("GET", WEBHOOK)
    assert customer.call("GET", WEBHOOK).status == 429
    assert told(shop.call("GET", WEBHOOK))[1] == "1"
    assert told(other.call("GET", WEBHOOK))[1] == "1"


def test_a_new_profile_is_paid_for_by_the_primary_one(customer: Customer) -> None:
    """Else a caller that has profiles could make more of them, each with a limit of its own, without end."""
    shop = customer.add_profile()
    answers = [shop.call("POST", "/api/profiles", json={"title": "Another"}) for _ in range(2)]
    assert [answer.status for answer in answers] == [200, 429]
    assert told(shop.call("GET", WEBHOOK))[1] == "1"


@pytest.mark.parametrize(
    ("options", "status"),
    [
        ({"data": "{", "content_type": "application/json"}, 400),
        ({"data": "{}", "content_type": "text/plain"}, 415),
        ({"json": {"title": "x" * 300_000}}, 413),
        ({"json": {"profileKey": 5}}, 400),
    ],
)
def test_a_call_whose_body_names_no_profile_is_paid_for_all_the_same(
    customer: Customer, options: dict[str, Any], status: int
) -> None:
    answers = [customer.call("PUT", "/api/profiles", **options) for _ in range(3)]
    assert [answer.status for answer in answers] == [status, status, 429]
    assert told(answers[0])[:2] == ["2", "1"]


def test_a_call_with_a_profile_key_in_the_body_is_paid_for_by_that_profile(customer: Customer) -> None:
    shop = customer.add_profile()  # paid for by the primary one
    body = {"title": "new", "profileKey": shop.profile_key}
    answers = [customer.call("PUT", "/api/profiles", json=body) for _ in range(3)]
    assert [answer.status for answer in answers] == [200, 200, 429]
    assert told(customer.call("GET", WEBHOOK))[1] == "0"


def test_a_new_key_brings_no_new_limit(api: Api, customer: Customer) -> None:
    customer.call("GET", WEBHOOK)
    new = api.operate("POST", f"/api/admin/accounts/{customer.ref_id}/key").json["apiKey"]
    assert told(api.call("GET", WEBHOOK, new))[1] == "0"
    assert customer.call("GET", WEBHOOK).status == 429


def test_each_producer_key_has_a_limit_of_its_own(api: Api) -> None:
    for key in (PRODUCER_KEY, OTHER_PRODUCER_KEY):
        assert told(api.call("GET", ACTIVE, key))[1] == "1"


def test_what_is_no_customers_or_producers_is_not_limited(api: Api, customer: Customer) -> None:
    routes = [
        (method, path) for blueprint, method, path in keyed_routes(api.app) if CALLERS[blueprint] == "operator"
    ]
    answers = [api.call(method, path, ADMIN_KEY) for method, path in routes for _ in range(3)]
    answers += [api.call("GET", path) for path in ("/healthz", "/readyz", "/api/openapi.json", "/api/docs/") * 3]
    answers += [api.call("GET", "/api/nothing", customer.key), customer.call("PUT", WEBHOOK)]
    assert {tuple(told(answer)) for answer in answers} == {(None, None, None, None)}
    assert 429 not in {answer.status for answer in answers}


def test_zero_means_no_limit(limited: Limited, fake_redis: Client) -> None:
    """Then nothing is counted, and nothing told."""
    api = limited(0, 0)
    customer = api.open_account()
    answers = [customer.call("GET", WEBHOOK), api.send({}), api.call("GET", ACTIVE, PRODUCER_KEY)]
    assert [told(answer) for answer in answers] == [[None] * 4] * 3
    assert [key for key in contents(fake_redis) if key.startswith("bucket:")] == []


@pytest.fixture
def api_without_storage(settings: Settings) -> Iterator[Api]:
    """Its Redis has just gone away."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with connect(f"redis://127.0.0.1:{port}/0") as redis:
        yield Api(create_app(replace(settings, api_limit=2, ingest_limit=2), redis, RecordedIds()))


def test_without_storage_all_is_answered_as_without_limits(api_without_storage: Api) -> None:
    send = api_without_storage.send
    answers = [send(sample("social-link")), send({"action": "sociable"}), send({}, key="wrong")]
    answers += [api_without_storage.call("GET", WEBHOOK, "rb_api_x")]
    assert [answer.status for answer in answers] == [503, 400, 401, 503]
    assert {answer.headers.get("X-RateLimit-Limit") for answer in answers} == {None}


def test_a_storage_that_does_not_respond_is_waited_for_once(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counting waits for it, and then nothing else does."""
    monkeypatch.setattr("webhooks.store.breaker.PAUSE", 60)
    with SilentServer() as server, connect(f"redis://127.0.0.1:{server.port}/0", timeout=0.5) as redis:
        api = Api(create_app(replace(settings, ingest_limit=2), redis, RecordedIds()))
        answer = api.send(sample("social-link"))
        assert server.connections() == 1
    assert (answer.status, answer.headers["Retry-After"]) == (503, "1")
