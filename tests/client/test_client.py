"""The client against a real HTTP server that answers as scripted; only the clock is made up."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from scripted_service import LOST, REF_ID, UNAVAILABLE, Answer, Call, ScriptedService, accept, receipt, refuse
from webhooks_client import (
    Client,
    ClientError,
    Receipt,
    Rejected,
    Rejection,
    Unauthorized,
    Unavailable,
    UnexpectedAnswer,
)
from webhooks_client.retries import Clock

KEY = "rb_producer_7Hq2mXs9"
EVENT = {
    "action": "social",
    "refId": REF_ID,
    "type": "link",
    "platform": "linkedin",
    "displayName": "Bäckerei 🥖",
}
BAD = {"status": "error", "code": 101, "message": "Bad.", "errors": {"type": ["Must be one of: link."]}}
REFUSED = refuse(400, 101, "Bad.", errors=BAD["errors"])


class Time:
    """A clock that moves only when somebody sleeps on it."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.waits: list[float] = []

    def sleep(self, seconds: float) -> None:
        """Move on by so much."""
        self.waits.append(seconds)
        self.seconds += seconds

    @property
    def clock(self) -> Clock:
        """What the client is handed."""
        return Clock(now=lambda: self.seconds, sleep=self.sleep, jitter=lambda: 0.0)


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def client(service: ScriptedService, time: Time) -> Iterator[Client]:
    with Client(service.url, KEY, clock=time.clock) as client:
        yield client


def numbered(count: int, **fields: Any) -> list[dict[str, Any]]:
    return [{**EVENT, "number": number, **fields} for number in range(count)]


def keys(call: Call) -> list[str]:
    return [event["idempotencyKey"] for event in call.events]


# One event.


def test_a_sent_event_comes_back_as_a_receipt(client: Client, service: ScriptedService) -> None:
    assert client.send(EVENT) == Receipt("aB3dE6gH9jK2mN5pQ8sT", "social", REF_ID, "queued")
    [call] = service.calls
    assert (call.method, call.path) == ("POST", "/api/events")
    assert call.headers["Authorization"] == f"Bearer {KEY}"
    assert call.headers["Content-Type"] == "application/json"
    assert call.json == EVENT


def test_every_event_has_an_idempotency_key_of_its_own(client: Client, service: ScriptedService) -> None:
    client.send(EVENT)
    client.send(EVENT)
    client.send_many([EVENT, EVENT])
    single = [call.headers["Idempotency-Key"] for call in service.calls[:2]]
    assert len({*single, *keys(service.calls[2])}) == 4


def test_the_producers_own_idempotency_key_is_used(client: Client, service: ScriptedService) -> None:
    event = {**EVENT, "idempotencyKey": "order 42"}
    client.send(event)
    client.send_many([event])
    assert service.calls[0].headers["Idempotency-Key"] == "order 42"
    assert service.calls[0].json == EVENT
    assert keys(service.calls[1]) == ["order 42"]


def test_a_busy_service_is_tried_again(client: Client, service: ScriptedService, time: Time) -> None:
    service.script.extend([UNAVAILABLE, Answer(502), Answer(504)])
    assert client.send(EVENT).state == "queued"
    assert len(service.calls) == 4
    assert time.waits == [1.2, 0.4, 0.8]


def test_a_lost_answer_is_asked_for_again_with_the_same_key(client: Client, service: ScriptedService) -> None:
    """Else a stored event whose answer was lost would be stored, and delivered, twice."""
    service.script.extend([LOST, LOST, lambda call: Answer(202, receipt(call.json, duplicate=True))])
    assert client.send(EVENT).duplicate
    first, second, third = service.calls
    assert first.headers["Idempotency-Key"] == second.headers["Idempotency-Key"]
    assert second.headers["Idempotency-Key"] == third.headers["Idempotency-Key"]
    assert first.body == second.body == third.body


def test_retry_after_is_honoured(client: Client, service: ScriptedService, time: Time) -> None:
    service.script.append(Answer(429, {"status": "error"}, {"Retry-After": "7"}))
    client.send(EVENT)
    assert time.waits == [7.2]


def test_a_longer_retry_after_than_the_patience_is_not_waited_for(
    client: Client, service: ScriptedService, time: Time
) -> None:
    service.script.append(Answer(429, {"status": "error"}, {"Retry-After": "31"}))
    with pytest.raises(Unavailable, match=r"Tries: 1; .* HTTP 429"):
        client.send(EVENT)
    assert time.waits == []


def test_patience_ends(client: Client, service: ScriptedService, time: Time) -> None:
    service.script.extend([LOST] * 100)
    with pytest.raises(Unavailable, match=r"Tries: \d+; the last one: ConnectionError") as raised:
        client.send({**EVENT, "idempotencyKey": "order 42"})
    assert time.seconds == 30
    assert raised.value.unconfirmed == [{**EVENT, "idempotencyKey": "order 42"}]


def test_no_patience_means_one_try(service: ScriptedService, time: Time) -> None:
    service.script.append(UNAVAILABLE)
    with Client(service.url, KEY, patience=0, clock=time.clock) as client, pytest.raises(Unavailable):
        client.send(EVENT)
    assert len(service.calls) == 1


def test_a_service_that_hangs_is_not_waited_for(service: ScriptedService, time: Time) -> None:
    released = Event()

    def hang(_: Call) -> Answer:
        released.wait(timeout=10)
        return LOST

    service.script.append(hang)
    with Client(service.url, KEY, timeout=0.1, clock=time.clock) as client:
        assert client.send(EVENT).state == "queued"
    released.set()
    assert len(service.calls) == 2


def test_a_rejected_event_says_why(client: Client, service: ScriptedService) -> None:
    service.script.append(REFUSED)
    with pytest.raises(Rejected, match=r"refused the event, and would again\. Bad\.") as raised:
        client.send(EVENT)
    error = raised.value
    assert (error.code, error.message, error.errors) == (101, "Bad.", BAD["errors"])


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


def test_a_bad_key_is_unauthorized(client: Client, service: ScriptedService) -> None:
    service.script.append(refuse(401, 102, "The key is missing or unknown."))
    with pytest.raises(Unauthorized):
        client.send(EVENT)
    assert len(service.calls) == 1


# Many events.


def test_results_of_many_are_in_order_though_some_are_bad(client: Client, service: ScriptedService) -> None:
    def refuse_three(call: Call) -> Answer:
        items = [
            BAD if event["number"] in {0, 4, 9} else receipt(event, hookId=f"hook{event['number']}")
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


def test_an_event_that_is_not_json_costs_no_neighbour(client: Client, service: ScriptedService) -> None:
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
    """A proxy that takes less than the service would refuse it for ever, and nobody would judge it."""
    largest = {**EVENT, "post": ""}
    room = 262_144 - len(json.dumps(largest, ensure_ascii=False, separators=(",", ":")).encode())
    fits, too_large = ({**EVENT, "post": "x" * length} for length in (room, room + 1))
    results = client.send_many([EVENT, too_large, fits])
    assert [type(result) for result in results] == [Receipt, Rejection, Receipt]
    assert isinstance(results[1], Rejection)
    assert results[1].message == "The event has more than 262,144 bytes of JSON."
    assert [len(call.events) for call in service.calls] == [2]


def test_no_events_make_no_call(client: Client, service: ScriptedService) -> None:
    assert client.send_many([]) == []
    assert service.calls == []


def test_a_batch_refused_as_a_whole_is_halved_until_the_culprit_stands_alone(
    client: Client, service: ScriptedService
) -> None:
    """A service that cannot even parse one event's JSON refuses the whole body."""

    def choosy(call: Call) -> Answer:
        if any(event["number"] == 5 for event in call.events):
            return REFUSED
        return accept(call)

    service.script.extend([choosy] * 20)
    results = client.send_many(numbered(10))
    assert [index for index, result in enumerate(results) if isinstance(result, Rejection)] == [5]
    assert isinstance(results[5], Rejection)
    assert (results[5].index, results[5].message) == (5, "Bad.")


def test_a_proxys_smaller_limit_halves_batches_too(client: Client, service: ScriptedService) -> None:
    service.script.append(Answer(413))
    assert all(isinstance(result, Receipt) for result in client.send_many(numbered(10)))
    assert [len(call.events) for call in service.calls] == [10, 5, 5]


def test_a_lost_answer_to_many_is_asked_for_again_with_the_same_keys(
    client: Client, service: ScriptedService
) -> None:
    service.script.append(LOST)
    client.send_many(numbered(3))
    first, second = service.calls
    assert first.body == second.body


def test_nothing_is_lost_when_patience_ends_amid_many(client: Client, service: ScriptedService) -> None:
    """The caller learns what was taken, and can send the rest again under the keys already used."""
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
    assert keys(service.calls[0]) == [event["idempotencyKey"] for event in error.unconfirmed]


def test_fewer_results_than_events_confirm_nothing(client: Client, service: ScriptedService) -> None:
    service.script.append(Answer(202, {"status": "success", "events": [receipt(EVENT)]}))
    with pytest.raises(UnexpectedAnswer, match="one result for each") as raised:
        client.send_many(numbered(2))
    assert len(raised.value.unconfirmed) == 2


# Asking.


@pytest.mark.parametrize("active", [True, False])
def test_active_asks_whether_a_webhook_would_be_called(
    client: Client, service: ScriptedService, active: bool
) -> None:
    service.script.append(Answer(200, {"status": "success", "active": active}))
    assert client.active("feed", REF_ID) is active
    [call] = service.calls
    assert (call.method, call.path) == ("GET", f"/api/events/active?action=feed&refId={REF_ID}")


def test_active_does_not_guess(client: Client, service: ScriptedService) -> None:
    """For `feed`, a wrong guess posts an item twice or not at all."""
    service.script.append(Answer(200, {"status": "success"}))
    with pytest.raises(UnexpectedAnswer):
        client.active("feed", REF_ID)


def test_a_feed_receipt_says_whether_to_post(client: Client, service: ScriptedService) -> None:
    service.script.append(lambda call: Answer(202, receipt(call.json, autoPost=False)))
    assert client.send({**EVENT, "action": "feed"}).auto_post is False


def test_an_event_without_delivery_has_no_hook_id(client: Client, service: ScriptedService) -> None:
    unregistered = {"status": "success", "action": "social", "refId": REF_ID, "state": "unregistered"}
    service.script.append(Answer(202, unregistered))
    assert client.send(EVENT) == Receipt(None, "social", REF_ID, "unregistered")


# Care with what was handed in.


def test_the_callers_events_are_never_changed(client: Client) -> None:
    events = numbered(3, details={"code": 200})
    before = copy.deepcopy(events)
    client.send(events[0])
    client.send_many(events)
    assert events == before


@pytest.mark.parametrize("answer", [LOST, UNAVAILABLE, Answer(401), Answer(400), Answer(302), Answer(202)])
def test_the_key_stands_in_no_text(service: ScriptedService, time: Time, answer: Answer) -> None:
    service.script.append(answer)
    with Client(service.url, KEY, patience=0, clock=time.clock) as client:
        assert repr(client) == f"Client('{service.url}')"
        with pytest.raises(ClientError) as raised:
            client.send(EVENT)
    assert KEY not in f"{raised.value} {raised.value!r} {vars(raised.value)}"


def test_a_redirect_does_not_carry_the_key_away(client: Client, service: ScriptedService) -> None:
    with ScriptedService().running() as elsewhere:
        service.script.append(Answer(307, {}, {"Location": f"{elsewhere.url}/api/events"}))
        with pytest.raises(UnexpectedAnswer, match="307"):
            client.send(EVENT)
    assert elsewhere.calls == []


def test_a_netrc_does_not_replace_the_key(
    client: Client, service: ScriptedService, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`requests` would prefer it to a header."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password else\n")
    monkeypatch.setenv("NETRC", str(netrc))
    client.send(EVENT)
    assert service.calls[0].headers["Authorization"] == f"Bearer {KEY}"


def test_cookies_are_not_kept(client: Client, service: ScriptedService) -> None:
    """So that no call changes what threads share."""
    service.script.append(lambda call: Answer(202, receipt(call.json), {"Set-Cookie": "a=b"}))
    client.send(EVENT)
    client.send(EVENT)
    assert "Cookie" not in service.calls[1].headers


def test_threads_may_share_a_client(client: Client, service: ScriptedService) -> None:
    with ThreadPoolExecutor(8) as pool:
        receipts = list(pool.map(client.send, numbered(100)))
    assert {receipt.state for receipt in receipts} == {"queued"}
    assert sorted(json.loads(call.body)["number"] for call in service.calls) == list(range(100))
