"""No body costs the API much more time than good events of the same size."""

from __future__ import annotations

import json
import statistics
from collections.abc import Callable
from time import process_time
from typing import Any

import pytest

from api.conftest import Answer, Api
from config.settings import Settings
from doubles import RecordedIds
from webhooks.store.connection import Client
from webhooks_api.app import create_app

SIZE = 5_000_000
#: The maximum of CPU time, as a multiple of that of good events. They take a fifteenth of a second on a current
#: machine, so this is a second.
MOST = 16

pytestmark = pytest.mark.alone

SCHEDULED = {"action": "scheduled", "id": "1", "status": "success", "subAction": "tikTokPublished"}
MESSAGE = {"action": "messages", "subAction": "messageCreated", "platform": "twitter"}
KEYS = {f"{number:x}": 1 for number in range(190_000)}


def text(before: str, unit: str, after: str = "") -> bytes:
    """Return 5 MB of a repeated text."""
    return (before + unit * ((SIZE - len(before) - len(after)) // len(unit)) + after).encode()


def thousand(event: dict[str, Any]) -> bytes:
    """Return a thousand such events."""
    return json.dumps({"events": [{"refId": "0" * 40, **event}] * 1000}, separators=(",", ":")).encode()


BODIES: dict[str, Callable[[], bytes]] = {
    "brackets": lambda: text("", "["),
    "braces": lambda: text("", '{"x":'),
    "quotes": lambda: text("", '"'),
    "digits": lambda: text("", "9"),
    "digits after a point": lambda: text('{"x":0.', "1", "}"),
    "digits of an exponent": lambda: text('{"x":1e', "9", "}"),
    "many long numbers": lambda: text('{"x":[', "9" * 4_300 + ",", "0]}"),
    "empty objects": lambda: text('{"x":[', "{},", "{}]}"),
    "levels, again and again": lambda: text('{"x":[', "[" * 60 + "]" * 60 + ",", "0]}"),
    "as many levels as are read": lambda: b'{"x":[%s0]}' % ((b"[" * 60 + b"]" * 60 + b",") * 3_200),
    "one key again and again": lambda: text("{", '"x":1,', '"x":1}'),
    "keys": lambda: json.dumps(KEYS).encode(),
    "keys beside many": lambda: json.dumps({"events": [], **KEYS}).encode(),
    "one long key": lambda: text('{"events":[],"', "x", '":1}'),
    "escapes": lambda: text('{"x":"', r"\u00fc", '"}'),
    "spaces": lambda: text("", " "),
    "a long link": lambda: text('{"events":[{"action":"batch","url":"https://', "a", ' "}]}'),
    "twenty long links": lambda: json.dumps(
        {"events": [{"action": "batch", "url": f"https://{'a' * 200_000} "}] * 20}
    ).encode(),
    "as many items as are looked at": lambda: thousand({**SCHEDULED, "postIds": [{"id": ""}] * 90}),
    "more items": lambda: thousand({**SCHEDULED, "platforms": [1] * 190}),
    "wrong items": lambda: thousand({**SCHEDULED, "platforms": [1] * 95, "mediaUrls": [1] * 95}),
    "wrong items, each in all its fields": lambda: thousand(
        {**SCHEDULED, "postIds": [{"id": 1, "status": 1, "platform": 1, "postUrl": 1}] * 30}
    ),
    "wrong fields": lambda: thousand(
        {**MESSAGE, "id": 1, "senderId": 1, "recipientId": 1, "message": 1, "code": ""}
    ),
    "unknown fields": lambda: thousand({**SCHEDULED, **{f"{number:x}": 1 for number in range(180)}}),
    "keys of their own": lambda: thousand({**SCHEDULED, "idempotencyKey": "x", "post": "x" * 4_700}),
}


GOOD = thousand({**SCHEDULED, "post": "x" * 4_800})


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_a_hostile_body_costs_at_most_sixteen_times_a_good_one(
    settings: Settings, real_redis: Client, body: Callable[[], bytes]
) -> None:
    """Only the time of the API counts, so Redis is a separate process."""
    api = Api(create_app(settings, real_redis, RecordedIds()))
    customer = api.open_account()
    customer.register("scheduled")
    good, sent = (one.replace(b"0" * 40, customer.ref_id.encode()) for one in (GOOD, body()))
    assert len(good) <= SIZE
    assert len(sent) <= SIZE
    usual = statistics.median(cost(api, good)[0] for _ in range(3))
    seconds, answer = cost(api, sent)
    assert answer.status in {202, 400, 413}
    assert len(answer.text) < SIZE
    # Other programs on the machine may slow one of them down.
    assert seconds < MOST * usual or any(cost(api, sent)[0] < MOST * usual for _ in range(2))


def cost(api: Api, body: bytes) -> tuple[float, Answer]:
    """Return the seconds of CPU time for a body, and the answer."""
    begun = process_time()
    answer = api.send(None, json=None, data=body, content_type="application/json")
    return process_time() - begun, answer
