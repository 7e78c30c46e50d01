"""Accepting: from a producer's event to a stored delivery, whose id is published."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from doubles import LedgerWithOutages, RecordedIds, contents
from samples import sample
from stores import Store
from webhooks.deliveries.accept import EventIntake
from webhooks.deliveries.delivery import State
from webhooks.deliveries.new_delivery import AcceptVerdict, Receipt
from webhooks.deliveries.wakeup import WakeUp
from webhooks.errors import IdempotencyConflict, InvalidInput, StorageUnavailable, UnknownProfile
from webhooks.store.connection import moment

URL = "https://hooks.example/"


@pytest.fixture
def publish_ids() -> RecordedIds:
    return RecordedIds()


@pytest.fixture
def intake(store: Store, publish_ids: RecordedIds) -> EventIntake:
    return EventIntake(store.webhooks, store.ledger, publish_ids)


@pytest.fixture
def profile(store: Store) -> str:
    return store.account("Acme", social=URL, scheduled=URL, batch=URL)


def publish(intake: EventIntake, event: object, producer: str = "producer") -> Receipt:
    (result,) = intake.accept([event], producer)
    assert isinstance(result, Receipt), result
    return result


def payload(store: Store, published: Receipt) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(store.redis.hget(f"delivery:{published.hook_id}", "payload"))
    return read


def test_an_event_is_stored_and_its_id_is_published(
    intake: EventIntake, store: Store, profile: str, publish_ids: RecordedIds
) -> None:
    published = publish(intake, sample("social-link", profile))
    assert published.hook_id is not None
    wakeup = WakeUp(published.hook_id, 0.0)
    assert published == Receipt(AcceptVerdict.STORED, published.hook_id, State.QUEUED, wakeup)
    assert store.delivery(published.hook_id).profile == profile
    assert publish_ids.published == [([published.hook_id], 0.0)]


def test_a_stored_event_has_its_id_a_time_and_a_code(intake: EventIntake, store: Store, profile: str) -> None:
    event = sample("scheduled-error", profile, extra={"ü": [1, None]})
    published = publish(intake, event)
    stored = payload(store, published)
    created = datetime.strptime(stored.pop("created"), "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    assert abs(datetime.now(UTC) - created) < timedelta(seconds=5)
    assert stored == {**event, "hookId": published.hook_id, "code": 200}


def test_a_time_and_a_code_from_the_producer_are_kept(intake: EventIntake, store: Store, profile: str) -> None:
    event = sample("social-link", profile, created="2020-02-02T02:02:02+02:00", code=0)
    stored = payload(store, publish(intake, event))
    assert (stored["created"], stored["code"]) == ("2020-02-02T02:02:02+02:00", 0)


def test_a_hook_id_from_the_producer_is_replaced(intake: EventIntake, store: Store, profile: str) -> None:
    published = publish(intake, sample("social-link", profile, hookId="mine"))
    assert published.hook_id != "mine"
    assert payload(store, published)["hookId"] == published.hook_id


def test_the_idempotency_key_is_not_part_of_the_payload(intake: EventIntake, store: Store, profile: str) -> None:
    published = publish(intake, sample("social-link", profile, idempotencyKey="order-7"))
    assert "idempotencyKey" not in payload(store, published)


def test_a_bad_event_does_not_affect_its_batch(
    intake: EventIntake, store: Store, profile: str, publish_ids: RecordedIds
) -> None:
    good = sample("social-link", profile)
    results = intake.accept([good, sample("social-link", profile, type=""), good, "no event", good], "producer")

    assert [type(result) for result in results] == [
        Receipt,
        InvalidInput,
        Receipt,
        InvalidInput,
        Receipt,
    ]
    stored = [result.hook_id for result in results if isinstance(result, Receipt)]
    assert publish_ids.published == [(stored, 0.0)]
    assert store.redis.zcard("alarms") == 3


@pytest.mark.parametrize("event", [None, 5, "text", [], [{}]])
def test_a_value_that_is_not_an_object_is_reported_as_the_event(intake: EventIntake, event: object) -> None:
    (result,) = intake.accept([event], "producer")
    assert isinstance(result, InvalidInput)
    assert set(result.errors) == {"event"}


@pytest.mark.parametrize(
    "action", [{}, {"action": None}, {"action": 5}, {"action": ["social"]}, {"action": "Social"}]
)
def test_an_unknown_action_is_named(intake: EventIntake, action: dict[str, Any]) -> None:
    event = {name: value for name, value in sample("social-link").items() if name != "action"} | action
    (result,) = intake.accept([event], "producer")
    assert isinstance(result, InvalidInput)
    assert set(result.errors) == {"action"}


def test_nothing_is_stored_or_published_for_bad_events(
    intake: EventIntake, store: Store, profile: str, publish_ids: RecordedIds
) -> None:
    before = contents(store.redis)
    intake.accept([sample("social-link", profile, platform=""), {}, sample("social-link", "f" * 40)], "producer")
    assert contents(store.redis) == before
    assert publish_ids.published == []


def test_an_unknown_profile_is_reported(intake: EventIntake) -> None:
    (result,) = intake.accept([sample("social-link", "f" * 40)], "producer")
    assert isinstance(result, UnknownProfile)


def test_an_event_without_a_webhook_is_unregistered(
    intake: EventIntake, profile: str, publish_ids: RecordedIds
) -> None:
    assert publish(intake, sample("feed-rss", profile)) == Receipt(AcceptVerdict.UNREGISTERED)
    assert publish_ids.published == []


def test_a_post_without_a_schedule_is_an_immediate_post(
    intake: EventIntake, profile: str, publish_ids: RecordedIds
) -> None:
    event = sample("scheduled-success", profile)
    del event["scheduleDate"]
    assert publish(intake, event) == Receipt(AcceptVerdict.IMMEDIATE_POST)
    assert publish_ids.published == []


@pytest.mark.parametrize(("ahead", "delays"), [(2.5, [2.5]), (60, [])])
def test_ids_due_later_are_published_by_the_sweep(
    intake: EventIntake, store: Store, profile: str, publish_ids: RecordedIds, ahead: float, delays: list[float]
) -> None:
    date = (moment(store.clock()) + timedelta(seconds=ahead)).isoformat()
    published = publish(intake, sample("scheduled-success", profile, scheduleDate=date))
    assert published.state == "scheduled"
    assert [delay for _, delay in publish_ids.published] == delays


def test_the_same_key_and_event_again_is_a_duplicate(
    intake: EventIntake, profile: str, publish_ids: RecordedIds
) -> None:
    first = publish(intake, sample("social-link", profile, idempotencyKey="order-7"))
    fields = list(reversed(sample("social-link", profile, idempotencyKey="order-7").items()))
    again = publish(intake, dict(fields))  # the same event with its fields in another order
    assert again == Receipt(AcceptVerdict.DUPLICATE, first.hook_id, State.QUEUED)
    assert publish_ids.hook_ids == [first.hook_id]


def test_the_same_key_with_another_event_is_a_conflict(intake: EventIntake, profile: str) -> None:
    publish(intake, sample("social-link", profile, idempotencyKey="order-7"))
    (result,) = intake.accept([sample("social-refresh", profile, idempotencyKey="order-7")], "producer")
    assert isinstance(result, IdempotencyConflict)


def test_another_producer_can_use_the_same_key(intake: EventIntake, profile: str) -> None:
    event = sample("social-link", profile, idempotencyKey="order-7")
    first, second = publish(intake, event, "one"), publish(intake, event, "another")
    assert first.hook_id != second.hook_id


def test_without_a_key_the_same_event_is_stored_each_time(intake: EventIntake, profile: str) -> None:
    event = sample("social-link", profile)
    assert publish(intake, event).hook_id != publish(intake, event).hook_id


def test_without_storage_nothing_is_published(store: Store, profile: str, publish_ids: RecordedIds) -> None:
    """The error is about the producer's event, and nothing was stored."""
    ledger = LedgerWithOutages(store.ledger)
    ledger.outages = 1
    with pytest.raises(StorageUnavailable):
        EventIntake(store.webhooks, ledger, publish_ids).accept([sample("social-link", profile)], "producer")
    assert publish_ids.published == []


def test_a_producer_can_ask_whether_a_webhook_would_be_called(intake: EventIntake, profile: str) -> None:
    assert intake.would_call("social", profile) is True
    assert intake.would_call("feed", profile) is False
    with pytest.raises(UnknownProfile):
        intake.would_call("social", "f" * 40)
