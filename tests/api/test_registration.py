"""`/api/hook/webhook`: customers register, list and remove webhooks (contract section 2)."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from api.conftest import Customer, error
from stores import Store
from webhooks.store.connection import Client

PATH = "/api/hook/webhook"
URL = "https://hooks.example/social"


def test_registering_answers_with_action_url_and_profile(customer: Customer) -> None:
    answer = customer.register("social", URL)
    assert answer.status == 200
    assert answer.json == {"status": "success", "action": "social", "url": URL, "refId": customer.ref_id}


@pytest.mark.parametrize("action", ["scheduled", "social", "messages", "batch", "feed"])
def test_each_action_can_be_registered(customer: Customer, action: str) -> None:
    assert customer.register(action, URL).status == 200
    assert customer.webhooks()[action] == URL


def test_a_profile_key_selects_the_user_profile(customer: Customer) -> None:
    shop = customer.add_profile()
    assert shop.register("social", URL).json["refId"] == shop.ref_id
    assert "social" not in customer.webhooks()
    assert shop.webhooks()["social"] == URL


def test_registering_again_replaces_the_url(customer: Customer) -> None:
    """The source is never part of the key."""
    customer.register("social", URL, source="dashboard")
    customer.register("social", "https://moved.example/", source="zapier")
    assert customer.webhooks()["social"] == "https://moved.example/"


def test_a_list_shows_the_url_and_times_of_each_action(customer: Customer, fake_redis: Client) -> None:
    """Times are in seconds, and `updated` is the latest of them."""
    store = Store(fake_redis)
    store.register(customer.ref_id, "social", URL, sealed_secret="sealed")
    store.clock.advance(3661.999)
    store.register(customer.ref_id, "feed", "https://hooks.example/feed")
    answer = customer.call("GET", PATH)
    assert answer.status == 200
    assert answer.json == {
        "status": "success",
        "social": URL,
        "socialUpdated": "2026-01-05T10:00:00Z",
        "feed": "https://hooks.example/feed",
        "feedUpdated": "2026-01-05T11:01:01Z",
        "updated": "2026-01-05T11:01:01Z",
        "refId": customer.ref_id,
    }


def test_registering_sets_the_time_of_the_update(customer: Customer) -> None:
    begun = datetime.now(UTC)
    customer.register("social", URL)
    updated = customer.webhooks()["socialUpdated"]
    written = datetime.strptime(updated, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    assert begun - timedelta(seconds=1) <= written <= datetime.now(UTC)


def test_a_profile_without_webhooks_lists_none(customer: Customer) -> None:
    assert customer.webhooks() == {"status": "success", "refId": customer.ref_id}


@pytest.mark.parametrize(
    "query",
    [
        "allWebhooks=True",
        "allWebhooks=False",
        "allWebhooks=true",
        "allWebhooks=1",
        "allWebhooks=",
        "allWebhooks=undefined",
        "source=dashboard",
        "source=&allWebhooks=True",
    ],
)
def test_query_parameters_of_known_clients_are_accepted(customer: Customer, query: str) -> None:
    customer.register("social", URL)
    answer = customer.call("GET", f"{PATH}?{query}")
    assert (answer.status, answer.json["social"]) == (200, URL)


def test_a_list_can_be_limited_to_one_action(customer: Customer) -> None:
    customer.register("social", URL)
    customer.register("feed", URL)
    listed = customer.call("GET", f"{PATH}?action=social&source=npm").json
    updated = listed["socialUpdated"]
    assert listed == {
        "status": "success",
        "social": URL,
        "socialUpdated": updated,
        "updated": updated,
        "refId": customer.ref_id,
    }


def test_a_webhook_is_removed_by_a_json_body(customer: Customer) -> None:
    customer.register("social", URL)
    answer = customer.call("DELETE", PATH, json={"action": "social", "source": "dashboard", "url": URL})
    assert answer.status == 200
    assert answer.json == {"status": "success", "action": "social", "refId": customer.ref_id}
    assert "social" not in customer.webhooks()


def test_removing_a_missing_webhook_is_404(customer: Customer) -> None:
    shop = customer.add_profile()
    customer.register("social", URL)
    answer = shop.call("DELETE", PATH, json={"action": "social"})
    assert answer.status == 404
    assert answer.json == error("webhook", 404, "No webhook is registered for this action.")
    assert customer.webhooks()["social"] == URL


@pytest.mark.parametrize("source", ["", 5, ["a"], None])
def test_the_source_of_a_removal_is_ignored(customer: Customer, source: object) -> None:
    customer.register("social", URL)
    assert customer.call("DELETE", PATH, json={"action": "social", "source": source}).status == 200


def test_a_secret_can_be_set_without_a_webhook(customer: Customer) -> None:
    answer = customer.call("POST", f"{PATH}/secret", json={"secret": "a-secret"})
    assert answer.status == 200
    assert answer.json == {"status": "success", "action": "webhook", "refId": customer.ref_id}


def test_the_rotation_window_can_be_ended_at_once(customer: Customer, fake_redis: Client) -> None:
    """With or without a body; the current secret stays."""
    for secret in ("first", "second"):
        customer.call("POST", f"{PATH}/secret", json={"secret": secret})
    current = fake_redis.hget(f"profile:{customer.ref_id}", "secret")
    assert fake_redis.exists(f"oldSecret:{customer.ref_id}")
    for body in ({}, {"json": {"source": "pypi"}}):
        answer = customer.call("DELETE", f"{PATH}/secret", **body)
        assert answer.status == 200
        assert answer.json == {"status": "success", "action": "webhook", "refId": customer.ref_id}
        assert not fake_redis.exists(f"oldSecret:{customer.ref_id}")
    assert fake_redis.hget(f"profile:{customer.ref_id}", "secret") == current


def test_a_secret_belongs_to_one_profile(customer: Customer, fake_redis: Client) -> None:
    shop = customer.add_profile()
    shop.call("POST", f"{PATH}/secret", json={"secret": "a-secret"})
    assert fake_redis.hexists(f"profile:{shop.ref_id}", "secret")
    assert not fake_redis.hexists(f"profile:{customer.ref_id}", "secret")


@pytest.mark.parametrize("source", ["dashboard", "", None])
def test_the_source_of_a_registration_is_stored(
    customer: Customer, fake_redis: Client, source: str | None
) -> None:
    assert customer.register("social", URL, source=source).status == 200
    (stored,) = fake_redis.hvals(f"webhooks:{customer.ref_id}")
    assert json.loads(stored)["source"] == source
