"""Every error has the same shape (contract section 2)."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import NoReturn

import pytest
from structlog.testing import capture_logs

from api.conftest import Api, error
from config.settings import Settings
from doubles import ADMIN_KEY, PRODUCER_KEY, RecordedIds
from samples import sample
from webhooks.store.connection import connect
from webhooks_api.app import create_app
from webhooks_local.machine import Machine

WEBHOOK = "/api/hook/webhook"


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", WEBHOOK, {"GET", "HEAD", "POST", "DELETE"}),
        ("GET", f"{WEBHOOK}/secret", {"POST", "DELETE"}),
        ("GET", "/api/events", {"POST"}),
        ("POST", "/healthz", {"GET", "HEAD"}),
    ],
)
def test_a_forbidden_method_is_405_and_lists_the_allowed_ones(
    api: Api, method: str, path: str, allowed: set[str]
) -> None:
    answer = api.call(method, path)
    assert answer.status == 405
    assert answer.json == error("request", 405, "The method is not allowed for the requested URL.")
    assert set(answer.headers["Allow"].split(", ")) == allowed


def test_an_unexpected_error_is_500_without_details(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """The details are in the log only."""

    def broken() -> NoReturn:
        raise RuntimeError("canary")

    monkeypatch.setitem(api.app.view_functions, "health.healthz", broken)
    with capture_logs() as logs:
        answer = api.call("GET", "/healthz")
    assert answer.status == 500
    assert answer.json == error("health", 500, "Something went wrong on our side.")
    assert [(log["event"], log["endpoint"], str(log["exc_info"])) for log in logs] == [
        ("api.failed", "health.healthz", "canary")
    ]


@pytest.fixture
def api_without_storage(settings: Settings) -> Iterator[Api]:
    """An API whose Redis has just become unreachable."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with connect(f"redis://127.0.0.1:{port}/0") as redis:
        yield Api(create_app(settings, redis, RecordedIds()))


@pytest.mark.parametrize(
    ("method", "path", "key", "action"),
    [
        ("GET", WEBHOOK, "rb_api_x", "webhook"),
        ("POST", WEBHOOK, "rb_api_x", "webhook"),
        ("GET", "/api/profiles", "rb_api_x", "profiles"),
        ("GET", "/api/hook/deliveries/x", "rb_api_x", "deliveries"),
        ("GET", "/api/feed", "rb_api_x", "feed"),
        ("GET", f"/api/events/active?action=feed&refId={'a' * 40}", PRODUCER_KEY, "events"),
        ("GET", f"/api/admin/accounts/{'a' * 40}", ADMIN_KEY, "accounts"),
    ],
)
def test_unreachable_storage_is_503(
    api_without_storage: Api, method: str, path: str, key: str, action: str
) -> None:
    """Not 401, as the key cannot be checked."""
    answer = api_without_storage.call(method, path, key)
    assert answer.status == 503
    assert answer.json == error(action, 503, "Storage cannot be used now, and nothing is promised. Try again.")
    assert answer.headers["Retry-After"] == "1"


@pytest.mark.alone
@pytest.mark.parametrize("many", [False, True])
def test_an_event_that_cannot_be_stored_is_never_answered_202(api_without_storage: Api, many: bool) -> None:
    """The answer comes quickly."""
    event = sample("social-link")
    with Machine() as machine:
        answer = api_without_storage.send({"events": [event]} if many else event)
    assert machine.seconds < 3 + machine.slack
    assert (answer.status, answer.headers["Retry-After"]) == (503, "1")
    assert answer.json == error("events", 503, "Storage cannot be used now, and nothing is promised. Try again.")


def test_a_bad_event_is_refused_without_storage(api_without_storage: Api) -> None:
    assert api_without_storage.send({"action": "sociable"}).status == 400


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/api/nothing"), ("PUT", WEBHOOK), ("GET", WEBHOOK), ("POST", "/api/events")]
)
def test_every_error_is_json(api: Api, method: str, path: str) -> None:
    """The official clients parse every answer and ignore the status."""
    answer = api.call(method, path)
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    assert set(answer.json) == {"action", "status", "code", "message"}
