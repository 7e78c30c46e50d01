"""`POST /api/events`: producers hand in one event or many (contract section 3)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from api.conftest import Api, Customer, bad_input, error
from doubles import RecordingRing, contents
from samples import SAMPLES, sample
from webhooks.store.connection import Client


@pytest.mark.parametrize("name", SAMPLES)
def test_an_event_is_answered_202_with_its_id(
    api: Api, customer: Customer, ring: RecordingRing, name: str
) -> None:
    event = sample(name, customer.ref_id)
    customer.register(event["action"])

    answer = api.send(event)

    assert answer.status == 202
    hook_id = answer.json["hookId"]
    assert re.fullmatch(r"[A-Za-z0-9]{20}", hook_id)
    told = {"autoPost": False} if event["action"] == "feed" else {}
    assert answer.json == {
        "status": "success",
        "hookId": hook_id,
        "action": event["action"],
        "refId": customer.ref_id,
        "state": "queued",
        **told,
    }
    assert ring.hook_ids == [hook_id]


def test_an_event_of_a_user_profile_goes_to_the_primarys_webhook(api: Api, customer: Customer) -> None:
    customer.register("social")
    shop = customer.add_profile()
    assert api.send(sample("social-link", shop.ref_id)).json["state"] == "queued"


def test_a_post_scheduled_ahead_is_scheduled(api: Api, customer: Customer, ring: RecordingRing) -> None:
    customer.register("scheduled")
    date = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    answer = api.send(sample("scheduled-success", customer.ref_id, scheduleDate=date))
    assert (answer.status, answer.json["state"], len(answer.json["hookId"])) == (202, "scheduled", 20)
    assert ring.rung == []


def test_an_event_that_nobody_has_a_webhook_for_has_no_id(
    api: Api, customer: Customer, fake_redis: Client, ring: RecordingRing
) -> None:
    before = contents(fake_redis)
    answer = api.send(sample("social-link", customer.ref_id))
    assert answer.status == 202
    assert answer.json == {
        "status": "success",
        "action": "social",
        "refId": customer.ref_id,
        "state": "unregistered",
    }
    assert contents(fake_redis) == before
    assert ring.rung == []


def test_an_immediate_post_has_no_id(api: Api, customer: Customer) -> None:
    customer.register("scheduled")
    event = sample("scheduled-success", customer.ref_id)
    del event["scheduleDate"]
    assert api.send(event).json == {
        "status": "success",
        "action": "scheduled",
        "refId": customer.ref_id,
        "state": "immediatePost",
    }


def test_a_feed_item_is_posted_by_the_producer_unless_a_webhook_is_active(api: Api, customer: Customer) -> None:
    event = sample("feed-rss", customer.ref_id)
    assert api.send(event).json["autoPost"] is True
    customer.register("feed")
    assert api.send(event).json["autoPost"] is False


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"action": None}, "action"),
        ({"action": "sociable"}, "action"),
        ({"refId": 5}, "refId"),
        ({"refId": "short"}, "refId"),
        ({"type": "wedding"}, "type"),
        ({"details": {"code": "x"}}, "details"),
        ({"created": "now"}, "created"),
        ({"idempotencyKey": ""}, "idempotencyKey"),
        ({"idempotencyKey": "x" * 256}, "idempotencyKey"),
    ],
)
def test_a_bad_event_names_its_field_and_nothing_is_stored(
    api: Api, customer: Customer, fake_redis: Client, ring: RecordingRing, change: dict[str, Any], field: str
) -> None:
    customer.register("social")
    before = contents(fake_redis)
    answer = api.send({**sample("social-link", customer.ref_id), **change})
    assert answer.status == 400
    assert set(answer.json["errors"]) == {field}
    assert answer.json == bad_input("events", answer.json["errors"])
    assert contents(fake_redis) == before
    assert ring.rung == []


def test_an_event_of_a_profile_that_nobody_has_is_404(api: Api) -> None:
    answer = api.send(sample("social-link", "f" * 40))
    assert answer.status == 404
    assert answer.json == error("events", 144, "No profile has this refId.")


@pytest.mark.parametrize(
    ("body", "field"), [([], "body"), ("text", "body"), (5, "body"), (False, "body"), ({}, "action")]
)
def test_a_body_that_is_no_event_is_400(api: Api, body: object, field: str) -> None:
    answer = api.send(body)
    assert (answer.status, set(answer.json["errors"])) == (400, {field})


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"", "action"),
        (b"{", "body"),
        (b'{"action": "social", "action": "feed"}', "body"),
        (b'{"action": NaN}', "body"),
        (b'{"x": 1e400}', "body"),
        (rb'{"x": "\ud800"}', "body"),
        (b'{"x": ' + b"[" * 65 + b"]" * 65 + b"}", "body"),
        (b'{"x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "body"),
        (b'{"x": "\xff"}', "body"),
    ],
)
def test_a_body_that_is_not_strict_json_is_400(api: Api, body: bytes, field: str) -> None:
    """And never 500."""
    answer = api.send(None, json=None, data=body, content_type="application/json")
    assert answer.status == 400
    assert set(answer.json["errors"]) == {field}


@pytest.mark.parametrize("content_type", ["application/json", "application/json; charset=utf-8"])
def test_json_is_known_by_its_content_type(api: Api, customer: Customer, content_type: str) -> None:
    customer.register("batch")
    event = b'{"action":"batch","refId":"%s","url":"https://files.example.com/1"}' % customer.ref_id.encode()
    assert api.send(None, json=None, data=event, content_type=content_type).status == 202


def test_a_producer_can_ask_whether_a_webhook_is_active(api: Api, customer: Customer) -> None:
    def active(ref_id: str) -> Any:
        return api.ask(f"action=feed&refId={ref_id}").json

    shop = customer.add_profile()
    assert active(shop.ref_id) == {"status": "success", "active": False}
    customer.register("feed")
    assert active(shop.ref_id) == {"status": "success", "active": True}
    assert active("f" * 40) == error("events", 144, "No profile has this refId.")


@pytest.mark.parametrize(
    ("query", "fields"),
    [
        ("", {"action", "refId"}),
        ("action=feed", {"refId"}),
        ("action=feed&refId=", {"refId"}),
        (f"refId={'a' * 40}", {"action"}),
        (f"action=feeds&refId={'a' * 40}", {"action"}),
    ],
)
def test_a_bad_question_names_its_parameter(api: Api, query: str, fields: set[str]) -> None:
    answer = api.ask(query)
    assert (answer.status, set(answer.json["errors"])) == (400, fields)
