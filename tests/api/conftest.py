"""The API on fakeredis, and clients with all kinds of keys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_network
from types import SimpleNamespace
from typing import Any

import fakeredis
import pytest
from flask import Flask
from werkzeug.datastructures import Headers
from werkzeug.local import LocalProxy

from config.settings import Settings
from doubles import ADMIN_KEY, PRODUCER_KEY, KnownNames, PublishedRecoveries, RecordedIds, SettableClock
from webhooks.store.connection import Client
from webhooks_api.app import create_app


@dataclass(frozen=True)
class Answer:
    """An answer of the API.

    Attributes:
        json: the decoded body; None if it is not JSON.
    """

    status: int
    headers: Headers
    text: str
    json: Any


class Api:
    """Calls the API, each time as another client."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self._addresses = map(str, ip_network("198.18.0.0/15").hosts())

    def call(
        self, method: str, path: str, key: str | None = None, address: str | None = None, **options: Any
    ) -> Answer:
        """Call with this key as the bearer token; other options are passed on to werkzeug's test client.

        Args:
            address: the address of the client; another one for each call if None.
        """
        headers = {**options.pop("headers", {})}
        if key is not None:
            headers["Authorization"] = f"Bearer {key}"
        options["environ_base"] = {"REMOTE_ADDR": next(self._addresses) if address is None else address}
        with self.app.test_client().open(path, method=method, headers=headers, **options) as response:
            text = response.get_data().decode(errors="replace")
            return Answer(response.status_code, response.headers, text, response.get_json(silent=True))

    def operate(self, method: str, path: str, **options: Any) -> Answer:
        """Call as the operator."""
        return self.call(method, path, ADMIN_KEY, **options)

    def send(self, body: Any, **options: Any) -> Answer:
        """Send events as the producer."""
        options = {"key": PRODUCER_KEY, "json": body, **options}
        return self.call("POST", "/api/events", **options)

    def ask(self, query: str) -> Answer:
        """Ask as the producer whether a webhook is active."""
        return self.call("GET", f"/api/events/active?{query}", PRODUCER_KEY)

    def open_account(self, **fields: Any) -> Customer:
        """Open an account that has every plan and add-on, unless `fields` say otherwise."""
        usual = {"title": "Acme", "email": "ops@acme.example", "plan": "enterprise", "addOns": ["messaging"]}
        answer = self.operate("POST", "/api/admin/accounts", json={**usual, **fields})
        assert answer.status == 201, answer.text
        return Customer(self, answer.json["refId"], answer.json["apiKey"])


@dataclass(frozen=True)
class Customer:
    """An account, or, with a `profile_key`, one of its user profiles."""

    api: Api
    ref_id: str
    key: str
    profile_key: str | None = None

    def call(self, method: str, path: str, **options: Any) -> Answer:
        """Call as this customer."""
        headers = {} if self.profile_key is None else {"Profile-Key": self.profile_key}
        headers |= options.pop("headers", {})
        return self.api.call(method, path, self.key, headers=headers, **options)

    def add_profile(self, title: str = "Zoë's shop") -> Customer:
        """Add a user profile."""
        answer = self.call("POST", "/api/profiles", json={"title": title})
        assert answer.status == 200, answer.text
        return Customer(self.api, answer.json["refId"], self.key, answer.json["profileKey"])

    def register(self, action: str, url: str = "https://hooks.example/", **fields: Any) -> Answer:
        """Register a webhook."""
        return self.call("POST", "/api/hook/webhook", json={"action": action, "url": url, **fields})

    def webhooks(self) -> Mapping[str, Any]:
        """Return the registered webhooks."""
        answer: dict[str, Any] = self.call("GET", "/api/hook/webhook").json
        return answer


def bad_input(action: str, errors: Mapping[str, Any]) -> dict[str, Any]:
    """Return the body of the error that names these fields, the first of them in its message."""
    place, reasons = next(iter(errors.items()))
    while isinstance(reasons, dict):
        name, reasons = next(iter(reasons.items()))
        place = f"{place}.{name}"
    return error(action, 101, f"{place}: {reasons[0].removesuffix('.')}.", errors=errors)


def error(action: str, code: int, message: str, **more: Any) -> dict[str, Any]:
    """Return the body of an error."""
    return {"action": action, "status": "error", "code": code, "message": message, **more}


@pytest.fixture
def publish_ids() -> RecordedIds:
    return RecordedIds()


@pytest.fixture
def names() -> KnownNames:
    return KnownNames()


@pytest.fixture
def recoveries() -> PublishedRecoveries:
    return PublishedRecoveries()


@pytest.fixture(scope="session")
def backstage() -> SimpleNamespace:
    """What the API is built on: fakeredis, and the doubles of the current test."""
    return SimpleNamespace(redis=fakeredis.FakeRedis(decode_responses=True, server=fakeredis.FakeServer()))


@pytest.fixture(scope="session")
def app(settings: Settings, backstage: SimpleNamespace) -> Flask:
    """The application, which is built once, as that takes longer than a test. All of its state is in Redis."""
    return app_on(settings, backstage)


def app_on(settings: Settings, backstage: SimpleNamespace, *, has_clock: bool = False) -> Flask:
    """Return an application with a Redis and the doubles of the current test.

    Args:
        has_clock: whether it also has a double of a clock.
    """
    publish_ids: Any = LocalProxy(lambda: backstage.publish_ids)
    recoveries: Any = LocalProxy(lambda: backstage.recoveries)
    names: Any = LocalProxy(lambda: backstage.names)
    clock: Any = LocalProxy(lambda: backstage.clock) if has_clock else None
    return create_app(
        settings, backstage.redis, publish_ids, publish_recovery=recoveries, names=names, clock=clock
    )


@pytest.fixture(scope="session")
def app_with_clock(settings: Settings, backstage: SimpleNamespace) -> Flask:
    """The same application with a clock that a test can set; each test that uses it needs `clock`."""
    return app_on(settings, backstage, has_clock=True)


@pytest.fixture
def clock(backstage: SimpleNamespace) -> SettableClock:
    """It is 10:00 on 5 January 2026."""
    backstage.clock = clock = SettableClock()
    return clock


@pytest.fixture
def fake_redis(backstage: SimpleNamespace) -> Client:
    """The empty Redis of the API."""
    redis: Client = backstage.redis
    redis.flushdb()
    return redis


@pytest.fixture
def api(
    app: Flask,
    backstage: SimpleNamespace,
    fake_redis: Client,
    publish_ids: RecordedIds,
    recoveries: PublishedRecoveries,
    names: KnownNames,
) -> Api:
    vars(backstage).update(redis=fake_redis, publish_ids=publish_ids, recoveries=recoveries, names=names)
    return Api(app)


@pytest.fixture
def customer(api: Api) -> Customer:
    return api.open_account()
