"""`POST /api/events`: producers send one event or many (contract section 3)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from api.conftest import Api, Customer, error
from doubles import RecordedIds, contents
from samples import SAMPLES, sample
from webhooks.store.connection import Client


@pytest.mark.parametrize("name", SAMPLES)
def test_an_event_is_answered_202_with_its_id(
    api: Api, customer: Customer, publish_ids: RecordedIds, name: str
) -> None:
    event = sample(name, customer.ref_id)
    customer.register(event["action"])

    answer = api.send(event)

    assert answer.status == 202
    hook_id = answer.json["hookId"]
    assert re.fullmatch(r"[A-Za-z0-9]{20}", hook_id)
    more = {"autoPost": False} if event["action"] == "feed" else {}
    assert answer.json == {
        "status": "success",
        "hookId": hook_id,
        "action": event["action"],
        "refId": customer.ref_id,
        "state": "queued",
        **more,
    }
    assert publish_ids.hook_ids == [hook_id]


def test_a_user_profile_without_a_webhook_uses_that_of_the_primary(api: Api, customer: Customer) -> None:
    customer.register("social")
    shop = customer.add_profile()
    assert api.send(sample("social-link", shop.ref_id)).json["state"] == "queued"


def test_a_post_scheduled_ahead_is_scheduled(api: Api, customer: Customer, publish_ids: RecordedIds) -> None:
    customer.register("scheduled")
    date = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    answer = api.send(sample("scheduled-success", customer.ref_id, scheduleDate=date))
    assert (answer.status, answer.json["state"], len(answer.json["hookId"])) == (202, "scheduled", 20)
    assert publish_ids.published == []


def test_an_event_without_a_webhook_has_no_hook_id(
    api: Api, customer: Customer, fake_redis: Client, publish_ids: RecordedIds
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
    assert publish_ids.published == []


def test_a_repeated_event_that_makes_only_an_email_is_a_duplicate(
    api: Api, customer: Customer, fake_redis: Client
) -> None:
    """Without a webhook it has no hookId, and the repetition makes no second e-mail."""
    event = sample("social-unlink-system", customer.ref_id, idempotencyKey="order-7")
    answer = {"status": "success", "action": "social", "refId": customer.ref_id, "state": "unregistered"}
    assert api.send(event).json == answer
    assert api.send(event).json == {**answer, "duplicate": True}
    assert api.send({**event, "platform": "facebook"}).status == 409
    assert fake_redis.zcard("mailAlarms") == 1


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


def test_a_producer_posts_a_feed_item_unless_a_webhook_is_active(api: Api, customer: Customer) -> None:
    event = sample("feed-rss", customer.ref_id)
    assert api.send(event).json["autoPost"] is True
    customer.register("feed")
    assert api.send(event).json["autoPost"] is False


def test_a_producer_can_ask_whether_a_webhook_is_active(api: Api, customer: Customer) -> None:
    def active(ref_id: str) -> Any:
        return api.ask(f"action=feed&refId={ref_id}").json

    shop = customer.add_profile()
    assert active(shop.ref_id) == {"status": "success", "active": False}
    customer.register("feed")
    assert active(shop.ref_id) == {"status": "success", "active": True}
    assert active("f" * 40) == error("events", 144, "No profile has this refId.")
