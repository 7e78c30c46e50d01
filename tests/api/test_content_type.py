"""Every answer of the API has the content type of JSON with its charset, as clients compare the whole value."""

from __future__ import annotations

import re
from typing import NoReturn

import pytest
from gunicorn.http import errors

from api.conftest import Api, Customer
from api.test_authentication import CALLERS
from api.test_security_headers import answers
from doubles import ADMIN_KEY, PRODUCER_KEY
from webhooks_api.server.unreadable import answer_with, status_of

JSON = "application/json; charset=utf-8"


def test_every_route_answers_with_the_content_type_of_json(api: Api, customer: Customer) -> None:
    """Without a key, with one, and with a key of another kind."""
    keys = [None, "wrong", customer.key, PRODUCER_KEY, ADMIN_KEY]
    routes = [
        (method, re.sub(r"<\w+>", "a" * 40, rule.rule))
        for rule in api.app.url_map.iter_rules()
        if rule.endpoint.split(".")[0] in {*CALLERS, "api-docs", "front", "health"}
        for method in sorted(rule.methods or ())
    ]
    answers = {
        (method, path, key, answer.headers.get("Content-Type"))
        for method, path in routes
        for key in keys
        for answer in (api.call(method, path, key), api.call(method, path, key, json={}))
    }
    assert len(answers) == len(routes) * len(keys)
    assert {one for one in answers if one[-1] != JSON} == set()


def test_every_kind_of_answer_has_the_content_type_of_json(api: Api, customer: Customer) -> None:
    for kind, answer in answers(api, customer).items():
        assert answer.headers.get("Content-Type") == JSON, kind


def test_an_unexpected_error_has_the_content_type_of_json(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> NoReturn:
        raise RuntimeError

    monkeypatch.setitem(api.app.view_functions, "health.healthz", broken)
    answer = api.call("GET", "/healthz")
    assert (answer.status, answer.headers["Content-Type"]) == (500, JSON)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (errors.InvalidRequestLine("GET"), 400),
        (errors.LimitRequestLine(5000, 4094), 414),
        (errors.LimitRequestHeaders("too many"), 431),
        (errors.UnsupportedTransferCoding("cake"), 501),
        (errors.InvalidResponseHeader("X"), 500),
        (RuntimeError("nobody foresaw it"), 500),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else str(value),
)
def test_answers_of_the_server_itself_have_the_content_type_of_json(error: Exception, status: int) -> None:
    head = answer_with(status_of(error)).partition(b"\r\n\r\n")[0].decode().split("\r\n")
    assert head[0].split(" ")[1] == str(status)
    assert f"Content-Type: {JSON}" in head
