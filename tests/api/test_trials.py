"""`/api/hook/webhook/test`: sends a sample event."""

from __future__ import annotations

import json

import pytest

from api.conftest import Customer, error
from doubles import RecordedIds
from stores import Store
from webhooks.actions import CATALOGUE
from webhooks.store.connection import Client

PATH = "/api/hook/webhook/test"


@pytest.mark.parametrize("action", CATALOGUE)
def test_a_test_event_is_delivered_like_any_other(
    customer: Customer, fake_redis: Client, publish_ids: RecordedIds, action: str
) -> None:
    """The event is marked as a test."""
    customer.register(action)
    shop = customer.add_profile()
    answer = shop.call("POST", PATH, json={"action": action})
    assert answer.status == 202
    hook_id = answer.json["hookId"]
    assert answer.json == {
        "status": "success",
        "hookId": hook_id,
        "action": action,
        "refId": shop.ref_id,
        "state": "queued",
    }
    assert publish_ids.published == [([hook_id], 0.0)]
    assert json.loads(Store(fake_redis).record_of(hook_id).payload)["test"] is True


def test_a_test_event_needs_a_webhook(customer: Customer, publish_ids: RecordedIds) -> None:
    customer.register("social")
    answer = customer.call("POST", PATH, json={"action": "feed"})
    assert answer.status == 404
    assert answer.json == error("test", 404, "No webhook is registered for this action.")
    assert publish_ids.published == []
