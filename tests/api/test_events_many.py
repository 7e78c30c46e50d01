"""Batches of events, and repeated events (contract section 3)."""

from __future__ import annotations

from typing import Any

import pytest

from api.conftest import Api, Customer, error
from doubles import OTHER_PRODUCER_KEY, PRODUCER_KEY, RecordedIds, contents
from samples import sample
from webhooks.store.connection import Client


@pytest.fixture(autouse=True)
def _registered(customer: Customer) -> None:
    customer.register("social")


def test_three_bad_events_of_ten_are_named_and_seven_are_stored(
    api: Api, customer: Customer, fake_redis: Client, publish_ids: RecordedIds
) -> None:
    good = sample("social-link", customer.ref_id)
    bad: dict[int, Any] = {1: {**good, "type": "wedding"}, 4: {**good, "refId": "f" * 40}, 7: "not an event"}

    answer = api.send({"events": [bad.get(place, good) for place in range(10)]})

    assert answer.status == 202
    assert [answer.json[name] for name in ("status", "accepted", "rejected")] == ["partial", 7, 3]
    results = answer.json["events"]
    assert [place for place, result in enumerate(results) if result["status"] == "error"] == [1, 4, 7]
    assert (results[1]["code"], set(results[1]["errors"])) == (101, {"type"})
    assert results[4] == {"status": "error", "code": 144, "message": "No profile has this refId."}
    assert (results[7]["code"], set(results[7]["errors"])) == (101, {"event"})
    stored = [result["hookId"] for result in results if result["status"] == "success"]
    assert len(set(stored)) == 7
    assert results[0] == {
        "status": "success",
        "hookId": stored[0],
        "action": "social",
        "refId": customer.ref_id,
        "state": "queued",
    }
    assert publish_ids.published == [(stored, 0.0)]
    assert sorted(fake_redis.zrange("alarms", 0, -1)) == sorted(stored)


def test_a_batch_of_good_events_is_a_success(api: Api, customer: Customer) -> None:
    answer = api.send({"events": [sample("social-link", customer.ref_id)] * 2})
    assert [answer.json[name] for name in ("status", "accepted", "rejected")] == ["success", 2, 0]


def test_an_event_without_a_webhook_counts_as_accepted(api: Api, customer: Customer) -> None:
    answer = api.send({"events": [sample("feed-rss", customer.ref_id)]}).json
    assert (answer["accepted"], answer["events"][0]["state"], answer["events"][0]["autoPost"]) == (
        1,
        "unregistered",
        True,
    )


def test_a_batch_of_a_thousand_events_is_accepted(api: Api, customer: Customer, publish_ids: RecordedIds) -> None:
    assert api.send({"events": [sample("social-link", customer.ref_id)] * 1000}).json["accepted"] == 1000
    assert sum(len(hook_ids) for hook_ids, _ in publish_ids.published) == 1000


@pytest.mark.parametrize(
    ("headers", "field"),
    [({"Idempotency-Key": "order-7"}, {}), ({}, {"idempotencyKey": "order-7"})],
    ids=["by header", "by field"],
)
def test_a_repeated_event_is_answered_with_the_first_hook_id(
    api: Api, customer: Customer, publish_ids: RecordedIds, headers: dict[str, str], field: dict[str, str]
) -> None:
    event = sample("social-link", customer.ref_id, **field)
    first = api.send(event, headers=headers).json
    again = api.send(event, headers=headers)
    assert again.status == 202
    assert again.json == {**first, "duplicate": True}
    assert publish_ids.hook_ids == [first["hookId"]]


def test_header_and_field_are_the_same_idempotency_key(api: Api, customer: Customer) -> None:
    event = sample("social-link", customer.ref_id)
    first = api.send(event, headers={"Idempotency-Key": "order-7"}).json
    again = api.send({**event, "idempotencyKey": "order-7"}).json
    both = api.send({**event, "idempotencyKey": "order-7"}, headers={"Idempotency-Key": "order-7"}).json
    assert again["hookId"] == both["hookId"] == first["hookId"]


def test_the_same_key_with_another_event_is_409(api: Api, customer: Customer, fake_redis: Client) -> None:
    headers = {"Idempotency-Key": "order-7"}
    api.send(sample("social-link", customer.ref_id), headers=headers)
    before = contents(fake_redis)
    answer = api.send(sample("social-refresh", customer.ref_id), headers=headers)
    assert answer.status == 409
    assert answer.json == error("events", 409, "This idempotency key was used for another event.")
    assert contents(fake_redis) == before


def test_each_event_of_a_batch_has_its_own_idempotency_key(api: Api, customer: Customer) -> None:
    link = sample("social-link", customer.ref_id, idempotencyKey="order-7")
    refresh = sample("social-refresh", customer.ref_id, idempotencyKey="order-7")
    first, again, conflict = api.send({"events": [link, link, refresh]}).json["events"]
    assert again == {**first, "duplicate": True}
    assert conflict == {
        "status": "error",
        "code": 409,
        "message": "This idempotency key was used for another event.",
    }


def test_two_producers_may_use_the_same_idempotency_key(api: Api, customer: Customer) -> None:
    event = sample("social-link", customer.ref_id, idempotencyKey="order-7")
    answers = [api.send(event, key=key).json for key in (PRODUCER_KEY, OTHER_PRODUCER_KEY)]
    assert answers[0]["hookId"] != answers[1]["hookId"]
    assert "duplicate" not in answers[1]
