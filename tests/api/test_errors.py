"""One shape for every error, whatever went wrong (contract section 2)."""

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
def test_a_method_that_is_not_allowed_is_405_and_says_which_are(
    api: Api, method: str, path: str, allowed: set[str]
) -> None:
    answer = api.call(method, path)
    assert answer.status == 405
    assert answer.json == error("request", 405, "The method is not allowed for the requested URL.")
    assert set(answer.headers["Allow"].split(", ")) == allowed


def test_what_no_one_foresaw_is_500_and_says_nothing(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """The log has it, the caller does not."""

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
    """Its Redis has just gone away."""
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
def test_storage_out_of_reach_is_503(
    api_without_storage: Api, method: str, path: str, key: str, action: str
) -> None:
    """Not 401 either: no one can tell whether the key is good."""
    answer = api_without_storage.call(method, path, key)
    assert answer.status == 503
    assert answer.json == error(action, 503, "Storage cannot be used now, and nothing is promised. Try again.")
    assert answer.headers["Retry-After"] == "1"


@pytest.mark.alone
@pytest.mark.parametrize("many", [False, True])
def test_an_event_that_cannot_be_stored_is_never_a_false_202(api_without_storage: Api, many: bool) -> None:
    """And it is told quickly."""
    event = sample("social-link")
    with Machine() as machine:
        answer = api_without_storage.send({"events": [event]} if many else event)
    assert machine.seconds < 3 + machine.slack
    assert (answer.status, answer.headers["Retry-After"]) == (503, "1")
    assert answer.json == error("events", 503, "Storage cannot be used now, and nothing is promised. Try again.")


def test_a_bad_event_needs_no_storage_to_be_refused(api_without_storage: Api) -> None:
    assert api_without_storage.send({"action": "sociable"}).status == 400


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/api/nothing"), ("PUT", WEBHOOK), ("GET", WEBHOOK), ("POST", "/api/events")]
)
def test_every_error_is_json(api: Api, method: str, path: str) -> None:
    """Official clients parse every answer and ignore the status line."""
    answer = api.call(method, path)
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    assert set(answer.json) == {"action", "status", "code", "message"}
