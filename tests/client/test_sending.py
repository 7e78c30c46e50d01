"""Sending one event: its receipt, its idempotency key, and the reasons for a rejection."""

from __future__ import annotations

from typing import Any

import pytest

from scripted_service import (
    EVENT,
    INVALID,
    KEY,
    REF_ID,
    REFUSED,
    Answer,
    ScriptedService,
    receipt,
    refuse,
)
from webhooks_client import (
    Client,
    Receipt,
    Rejected,
    Unauthorized,
)


def test_sending_an_event_returns_its_receipt(client: Client, service: ScriptedService) -> None:
    assert client.send(EVENT) == Receipt("aB3dE6gH9jK2mN5pQ8sT", "social", REF_ID, "queued")
    [call] = service.calls
    assert (call.method, call.path) == ("POST", "/api/events")
    assert call.headers["Authorization"] == f"Bearer {KEY}"
    assert call.headers["Content-Type"] == "application/json"
    assert call.json == EVENT


def test_every_event_gets_its_own_idempotency_key(client: Client, service: ScriptedService) -> None:
    client.send(EVENT)
    client.send(EVENT)
    client.send_many([EVENT, EVENT])
    single = [call.headers["Idempotency-Key"] for call in service.calls[:2]]
    assert len({*single, *service.calls[2].keys}) == 4


def test_the_producers_own_idempotency_key_is_used(client: Client, service: ScriptedService) -> None:
    event = {**EVENT, "idempotencyKey": "order 42"}
    client.send(event)
    client.send_many([event])
    assert service.calls[0].headers["Idempotency-Key"] == "order 42"
    assert service.calls[0].json == EVENT
    assert service.calls[1].keys == ["order 42"]


def test_a_rejection_contains_the_reason(client: Client, service: ScriptedService) -> None:
    service.script.append(REFUSED)
    with pytest.raises(Rejected, match=r"refused the event, and would again\. Bad\.") as raised:
        client.send(EVENT)
    error = raised.value
    assert (error.code, error.message, error.errors) == (101, "Bad.", INVALID["errors"])


def test_a_key_used_for_another_event_is_a_rejection(client: Client, service: ScriptedService) -> None:
    service.script.append(refuse(409, 409, "Used before."))
    with pytest.raises(Rejected, match="Used before"):
        client.send(EVENT)


@pytest.mark.parametrize("event", [{"when": object()}, {"n": float("nan")}, {"text": "\ud800"}, ["a list"]])
def test_an_event_that_is_not_json_is_refused_before_any_call(
    client: Client, service: ScriptedService, event: Any
) -> None:
    with pytest.raises(Rejected, match="not JSON"):
        client.send(event)
    assert service.calls == []


@pytest.mark.parametrize("key", ["", "a" * 256, "two\nlines", "schlüssel", 42, None])
def test_an_idempotency_key_that_no_header_can_carry_is_refused(client: Client, key: Any) -> None:
    with pytest.raises(Rejected) as raised:
        client.send({**EVENT, "idempotencyKey": key})
    assert "idempotencyKey" in raised.value.errors


def test_an_unknown_key_is_unauthorized(client: Client, service: ScriptedService) -> None:
    service.script.append(refuse(401, 102, "The key is missing or unknown."))
    with pytest.raises(Unauthorized):
        client.send(EVENT)
    assert len(service.calls) == 1


def test_a_feed_receipt_says_whether_to_post(client: Client, service: ScriptedService) -> None:
    service.script.append(lambda call: Answer(202, receipt(call.json, autoPost=False)))
    assert client.send({**EVENT, "action": "feed"}).auto_post is False


def test_an_event_without_a_delivery_has_no_hook_id(client: Client, service: ScriptedService) -> None:
    unregistered = {"status": "success", "action": "social", "refId": REF_ID, "state": "unregistered"}
    service.script.append(Answer(202, unregistered))
    assert client.send(EVENT) == Receipt(None, "social", REF_ID, "unregistered")
