"""Every answer has the headers that let a browser do nothing but show it."""

from __future__ import annotations

import pytest

from api.conftest import Answer, Api, Customer
from doubles import PRODUCER_KEY
from samples import sample
from webhooks_api.documentation.docs_page import POLICY

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Strict-Transport-Security": "max-age=31536000",
}
API = {"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'", "Cache-Control": "no-store"}


def answers(api: Api, customer: Customer) -> dict[str, Answer]:
    """Return one answer of each kind."""
    large = {"data": b" " * 300_000, "content_type": "application/json"}
    return {
        "success": customer.call("GET", "/api/hook/webhook"),
        "created": api.operate("POST", "/api/admin/accounts", json={"title": "Acme", "email": "a@acme.example"}),
        "accepted": api.send(sample("social-link", customer.ref_id)),
        "bad input": api.send({}),
        "no key": api.call("GET", "/api/profiles"),
        "another's key": customer.call("GET", "/api/profiles", headers={"Profile-Key": "x"}),
        "unknown delivery": customer.call("GET", "/api/hook/deliveries/x"),
        "unknown path": api.call("GET", "/nothing"),
        "method": api.call("PUT", "/api/events", PRODUCER_KEY),
        "too large": customer.call("POST", "/api/profiles", **large),
        "type": customer.call("POST", "/api/profiles", data=b"{}"),
        "healthz": api.call("GET", "/healthz"),
        "not ready": api.call("GET", "/readyz"),
        "head": api.call("HEAD", "/healthz"),
        "document": api.call("GET", "/api/openapi.json"),
        "no such file": api.call("GET", "/api/docs/nothing.js"),
    }


def test_no_answer_of_the_api_may_be_cached(api: Api, customer: Customer) -> None:
    """It is not cached, not framed, and its type is not guessed."""
    for kind, answer in answers(api, customer).items():
        assert {name: answer.headers.get(name) for name in ALWAYS | API} == ALWAYS | API, kind


def test_an_unexpected_error_has_the_security_headers_too(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> str:
        raise RuntimeError

    monkeypatch.setitem(api.app.view_functions, "health.healthz", broken)
    answer = api.call("GET", "/healthz")
    assert answer.status == 500
    assert {name: answer.headers.get(name) for name in ALWAYS | API} == ALWAYS | API


def test_the_content_policy_allows_what_the_page_loads(api: Api) -> None:
    page = api.call("GET", "/api/docs")
    assert {name: page.headers.get(name) for name in ALWAYS} == ALWAYS
    assert page.headers["Content-Security-Policy"] == POLICY


@pytest.mark.parametrize("name", ["start.js", "swagger-ui-bundle.js", "swagger-ui.css", "favicon-32x32.png"])
def test_the_files_of_the_page_may_be_cached_for_an_hour(api: Api, name: str) -> None:
    answer = api.call("GET", f"/api/docs/{name}")
    assert {name: answer.headers.get(name) for name in ALWAYS} == ALWAYS
    assert answer.headers["Cache-Control"] == "public, max-age=3600"


def test_no_header_quotes_the_request(api: Api, customer: Customer) -> None:
    """So no value of a request can add a header."""
    canary = "canary-0123456789"
    headers = {"Idempotency-Key": canary, "Host": f"{canary}.example", "Origin": f"https://{canary}.example"}
    for answer in (
        api.send(sample("social-link", customer.ref_id, displayName=canary), headers=headers),
        api.call("GET", f"/api/{canary}?{canary}", headers=headers),
        api.call("GET", "/api/docs", headers=headers),
        customer.call("GET", f"/api/hook/deliveries/{canary}", headers=headers),
    ):
        assert canary not in str(answer.headers)
