"""Sending many events: batches, results in order, and what is known after a failure."""

from __future__ import annotations

import json

import pytest

from scripted_service import (
    EVENT,
    INVALID,
    LOST,
    REFUSED,
    UNAVAILABLE,
    Answer,
    Call,
    ScriptedService,
    accept,
    numbered,
    receipt,
)
from webhooks_client import (
    Client,
    Receipt,
    Rejection,
    Unavailable,
    UnexpectedAnswer,
)


def test_results_of_a_batch_are_in_order_despite_rejections(client: Client, service: ScriptedService) -> None:
    def refuse_three(call: Call) -> Answer:
        items = [
            INVALID if event["number"] in {0, 4, 9} else receipt(event, hookId=f"hook{event['number']}")
            for event in call.events
        ]
        return Answer(202, {"status": "partial", "accepted": 7, "rejected": 3, "events": items})

    service.script.append(refuse_three)
    results = client.send_many(numbered(10))
    for index, result in enumerate(results):
        if index in {0, 4, 9}:
            assert result == Rejection(index, 101, "Bad.", {"type": ["Must be one of: link."]})
        else:
            assert isinstance(result, Receipt)
            assert result.hook_id == f"hook{index}"


def test_an_event_that_is_not_json_does_not_affect_the_others(client: Client, service: ScriptedService) -> None:
    results = client.send_many([EVENT, {**EVENT, "when": object()}, EVENT])
    assert [type(result) for result in results] == [Receipt, Rejection, Receipt]
    assert len(service.calls[0].events) == 2


def test_a_thousand_events_go_in_one_call(client: Client, service: ScriptedService) -> None:
    results = client.send_many(event for event in numbered(2001))
    assert len(results) == 2001
    assert [len(call.events) for call in service.calls] == [1000, 1000, 1]
    sent = [event["number"] for call in service.calls for event in call.events]
    assert sent == list(range(2001))


def test_a_call_stays_under_five_megabytes(client: Client, service: ScriptedService) -> None:
    assert len(client.send_many(numbered(60, post="ü" * 100_000))) == 60
    assert all(len(call.body) < 5_000_000 for call in service.calls)
    assert [len(call.events) for call in service.calls] == [24, 24, 12]


def test_an_event_too_large_for_any_call_is_rejected_alone(client: Client, service: ScriptedService) -> None:
    """A proxy with a lower limit than the service would refuse it for ever, and the service would never see it."""
    without_post = {**EVENT, "post": ""}
    longest = 262_144 - len(json.dumps(without_post, ensure_ascii=False, separators=(",", ":")).encode())
    fits, too_large = ({**EVENT, "post": "x" * length} for length in (longest, longest + 1))
    results = client.send_many([EVENT, too_large, fits])
    assert [type(result) for result in results] == [Receipt, Rejection, Receipt]
    assert isinstance(results[1], Rejection)
    assert results[1].message == "The event has more than 262,144 bytes of JSON."
    assert [len(call.events) for call in service.calls] == [2]


def test_no_events_make_no_call(client: Client, service: ScriptedService) -> None:
    assert client.send_many([]) == []
    assert service.calls == []


def test_a_refused_batch_is_halved_until_the_refused_event_is_alone(
    client: Client, service: ScriptedService
) -> None:
    """A service that cannot even parse one event's JSON refuses the whole body."""

    def refuse_number_five(call: Call) -> Answer:
        if any(event["number"] == 5 for event in call.events):
            return REFUSED
        return accept(call)

    service.script.extend([refuse_number_five] * 20)
    results = client.send_many(numbered(10))
    assert [index for index, result in enumerate(results) if isinstance(result, Rejection)] == [5]
    assert isinstance(results[5], Rejection)
    assert (results[5].index, results[5].message) == (5, "Bad.")


def test_a_lower_limit_of_a_proxy_halves_batches(client: Client, service: ScriptedService) -> None:
    service.script.append(Answer(413))
    assert all(isinstance(result, Receipt) for result in client.send_many(numbered(10)))
    assert [len(call.events) for call in service.calls] == [10, 5, 5]


def test_a_lost_answer_to_a_batch_is_retried_with_the_same_keys(client: Client, service: ScriptedService) -> None:
    service.script.append(LOST)
    client.send_many(numbered(3))
    first, second = service.calls
    assert first.body == second.body


def test_unconfirmed_events_of_an_interrupted_batch_can_be_resent(
    client: Client, service: ScriptedService
) -> None:
    """The error says which events were accepted, and contains the others with the keys already used."""
    service.script.extend([accept, *[UNAVAILABLE] * 100])
    events = [*numbered(1500), {"bad": object()}]
    with pytest.raises(Unavailable) as raised:
        client.send_many(events)
    error = raised.value
    assert len(error.results) == 1501
    assert all(isinstance(result, Receipt) for result in error.results[:1000])
    assert error.results[1000:1500] == [None] * 500
    assert isinstance(error.results[1500], Rejection)
    assert [event["number"] for event in error.unconfirmed] == list(range(1000, 1500))

    service.script.clear()
    service.calls.clear()
    client.send_many(error.unconfirmed)
    assert service.calls[0].keys == [event["idempotencyKey"] for event in error.unconfirmed]


def test_fewer_results_than_events_are_unexpected(client: Client, service: ScriptedService) -> None:
    service.script.append(Answer(202, {"status": "success", "events": [receipt(EVENT)]}))
    with pytest.raises(UnexpectedAnswer, match="one result for each") as raised:
        client.send_many(numbered(2))
    assert len(raised.value.unconfirmed) == 2
