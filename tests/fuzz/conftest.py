"""A system for many generated calls, and their number.

They are the same in every run, unless `HYPOTHESIS_PROFILE=long` (`make fuzz`) asks for many more, different ones.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from typing import Any

import hypothesis
import pytest
from hypothesis import HealthCheck

from api.conftest import Answer, Api
from config.settings import Settings
from doubles import (
    ADMIN_KEY,
    PRODUCER_KEY,
    KnownNames,
    PublishedRecoveries,
    RecordedIds,
    SettableClock,
)
from samples import sample
from stores import HISTORY
from webhooks.actions import CATALOGUE
from webhooks.deliveries.claim import Claim, Entry, new_token
from webhooks.deliveries.delivery import State
from webhooks.deliveries.prepare import call_for
from webhooks.http.call import Call
from webhooks.signing.secret_box import SecretBox
from webhooks.store.connection import Client, connect
from webhooks.store.ledger import RedisLedger
from webhooks_api.app import create_app

_MADE_UP = hypothesis.settings(
    database=None,
    deadline=60_000,  # milliseconds for a call that hangs; `test_cost.py` limits the cost of a call
    suppress_health_check=[HealthCheck.data_too_large, HealthCheck.too_slow],
)
hypothesis.settings.register_profile("short", _MADE_UP, max_examples=100, derandomize=True)
hypothesis.settings.register_profile("long", _MADE_UP, max_examples=2_000, print_blob=True)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "short"))

#: The end of the year 9999, when everything is due.
THE_END = 253_402_300_799_999


class Scene:
    """A customer with a webhook for every action, and the calls that a worker would make for its events."""

    def __init__(self, settings: Settings, redis: Client) -> None:
        self.redis = redis
        publish_ids, recoveries = RecordedIds(), PublishedRecoveries()
        app = create_app(settings, self.redis, publish_ids, publish_recovery=recoveries, names=KnownNames())
        self.api = Api(app)
        self.customer = self.api.open_account()
        #: A customer whose key is replaced and whose plan is changed again and again.
        self.other = self.api.open_account()
        self.register()
        self._ledger = RedisLedger(self.redis, HISTORY, SettableClock(THE_END))
        self._box = SecretBox(settings.secret_keys)
        #: The id of an ended delivery.
        self.hook_id = self.api.send(sample("social-link", self.customer.ref_id)).json["hookId"]
        self._cancel(self.hook_id)
        body = {"since": "2026-01-05"}
        #: The id of a recovery.
        self.recovery_id = self.customer.call("POST", "/api/hook/recover", json=body).json["id"]

    def register(self) -> None:
        """Register webhooks of the customer for every action."""
        for action in CATALOGUE:
            self.customer.register(action, secret="a-secret")

    def key(self, tag: str) -> str:
        """Return the key for the operations with this tag of the document."""
        return {"events": PRODUCER_KEY, "accounts": ADMIN_KEY, "keys": ADMIN_KEY}.get(tag, self.customer.key)

    def follow(self) -> str:
        """Let the customer subscribe to a feed, unless it has; returns the feedId."""
        body = {"url": "https://feeds.example/", "type": "rss"}
        return str(self.customer.call("POST", "/api/feed", json=body).json["feedId"])

    def send(self, text: str | bytes) -> Answer:
        """Send a body of events unchanged."""
        return self.api.send(None, json=None, data=text, content_type="application/json")

    def stored(self) -> int:
        """Return the number of deliveries; none ends here."""
        return int(self.redis.zcard("alarms"))

    def call_for(self, hook_id: str) -> Call:
        """Claim a delivery, and return the call that a worker would make."""
        claim = self._claim(hook_id)
        assert claim.destination is not None
        return call_for(claim, claim.destination, self._box.open_live(claim.owner, claim.sealed_secrets))

    def _cancel(self, hook_id: str) -> None:
        self._ledger.record([Entry(self._claim(hook_id), State.CANCELED)])

    def _claim(self, hook_id: str) -> Claim:
        (claim,) = self._ledger.claim([hook_id], 15, new_token()).claims
        return claim


@pytest.fixture(scope="module")
def scene(settings: Settings, flushed_redis_url: str) -> Iterator[Scene]:
    """The scene on a real server, as thousands of calls use it."""
    with connect(flushed_redis_url) as redis:
        redis.flushdb()
        yield Scene(settings, redis)
        redis.flushdb()


def check_error(fields: dict[str, Any]) -> None:
    """Check that an answer is an error in the common shape."""
    more = {"errors"} if fields["code"] == 101 else set()
    assert set(fields) == {"action", "status", "code", "message"} | more
    assert fields["status"] == "error"
    assert fields["message"]


def check_deliverable(call: Call, event: dict[str, Any]) -> None:
    """Check that a call can be made, with every field of the event except those that the contract sets."""
    set_anew = {"hookId", "title", "retry", "idempotencyKey", *(() if event["action"] == "batch" else ("url",))}
    body = json.loads(call.body.decode())
    for name in event.keys() - set_anew:
        assert json.dumps(body[name]) == json.dumps(event[name])  # stricter than ==, for which 1 equals True
    assert call.url.isascii()
    for name, value in call.headers.items():
        assert (name + value).isascii()
        assert (name + value).isprintable()
