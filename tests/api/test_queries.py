"""An unknown query parameter is refused by name, so that no caller misreads an unfiltered answer."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from api.conftest import Api, Customer, bad_input
from api.test_authentication import CALLERS, PUBLIC
from doubles import ADMIN_KEY, PRODUCER_KEY
from samples import sample

DELIVERIES = "action, cursor, limit, refId, since, source, state, statusClass, until"


def routes_below_api(app: Flask) -> list[tuple[str, str, str]]:
    """Return the blueprint, the method and the path of every route below `/api` except the documentation page."""
    return [
        (rule.endpoint.split(".")[0], method, re.sub(r"<\w+>", "a" * 40, rule.rule))
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/") and rule.endpoint not in PUBLIC - {"api-docs.openapi_json"}
        for method in sorted(rule.methods or ())
    ]


def test_every_route_names_an_unknown_parameter(api: Api, customer: Customer) -> None:
    keys = {"customer": customer.key, "producer": PRODUCER_KEY, "operator": ADMIN_KEY}
    routes = routes_below_api(api.app)
    assert {blueprint for blueprint, _, _ in routes} == {*CALLERS, "api-docs"}
    for blueprint, method, path in routes:
        key = keys[CALLERS[blueprint]] if blueprint in CALLERS else None
        answer = api.call(method, f"{path}?nonsense=canary&cursr=1", key)
        assert answer.status == 400, (method, path)
        if method != "HEAD":
            assert (answer.json["code"], set(answer.json["errors"])) == (101, {"nonsense", "cursr"})
            assert answer.json["message"] == f"nonsense: {answer.json['errors']['nonsense'][0]}"
            assert "canary" not in answer.text


def test_the_error_lists_the_known_parameters(customer: Customer) -> None:
    answer = customer.call("GET", "/api/hook/deliveries?status=5xx&limit=1")
    reason = {"status": [f"Unknown query parameter. This call has: {DELIVERIES}."]}
    assert (answer.status, answer.json) == (400, bad_input("deliveries", reason))
    answer = customer.call("GET", "/api/hook/deliveries/x?limit=1")
    reason = {"limit": ["Unknown query parameter. This call has: none."]}
    assert (answer.status, answer.json) == (400, bad_input("deliveries", reason))


def test_a_call_with_an_unknown_parameter_changes_nothing(api: Api, customer: Customer) -> None:
    assert customer.call("POST", "/api/profiles?dryRun=true", json={"title": "x"}).status == 400
    assert customer.call("GET", "/api/profiles").json["profiles"] == []
    assert api.call("POST", "/api/events?test=1", PRODUCER_KEY, json=sample("social-link")).status == 400


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_without_a_key_parameters_are_not_checked(api: Api, method: str) -> None:
    assert api.call(method, "/api/profiles?nonsense=1").status == 401


@pytest.mark.parametrize(
    ("query", "name", "reason"),
    [
        ("limit=1&limit=2", "limit", "Must not be sent more than once."),
        ("limit=1&limit=1", "limit", "Must not be sent more than once."),
        ("Limit=1", "Limit", f"Unknown query parameter. This call has: {DELIVERIES}."),
        ("limit[0]=1", "limit[0]", f"Unknown query parameter. This call has: {DELIVERIES}."),
        ("=1", "", f"Unknown query parameter. This call has: {DELIVERIES}."),
        ("nonsense", "nonsense", f"Unknown query parameter. This call has: {DELIVERIES}."),
        ("limit=", "limit", "Not a valid integer."),
        ("action=", "action", "Must be one of: scheduled, social, messages, batch, feed."),
        ("since=", "since", "Not a valid datetime."),
    ],
)
def test_a_repeated_or_empty_parameter_is_refused(customer: Customer, query: str, name: str, reason: str) -> None:
    answer = customer.call("GET", f"/api/hook/deliveries?{query}")
    assert (answer.status, answer.json["errors"]) == (400, {name: [reason]})


@pytest.mark.parametrize("query", ["", "&", "source=", "&source=npm&"])
def test_an_empty_query_is_accepted(customer: Customer, query: str) -> None:
    assert customer.call("GET", f"/api/hook/deliveries?{query}").status == 200


@pytest.mark.parametrize(
    "path", ["/api/hook/webhook", "/api/hook", "/api/hook/history", "/api/profiles", "/api/feed"]
)
@pytest.mark.parametrize("client", ["pypi", "npm"])
def test_the_client_name_is_accepted_where_clients_send_it(customer: Customer, path: str, client: str) -> None:
    assert customer.call("GET", f"{path}?source={client}").status == 200


@pytest.mark.parametrize("path", ["/api/docs", "/api/docs/", "/api/docs/start.js", "/healthz", "/"])
def test_pages_and_probes_accept_any_query(api: Api, path: str) -> None:
    assert api.call("GET", f"{path}?utm_source=mail").status < 400


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_the_root_redirects_to_the_documentation(api: Api, method: str) -> None:
    """By its path alone, as anybody can set the Host header."""
    answer = api.call(method, "/", headers={"Host": "evil.example"})
    assert (answer.status, answer.headers["Location"]) == (302, "/api/docs")
    assert api.call(method, answer.headers["Location"]).status == 200
    assert "evil" not in answer.text + str(answer.headers)
