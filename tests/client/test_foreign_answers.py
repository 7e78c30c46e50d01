"""An answer of another server, at a wrong URL or behind a proxy or captive portal, must not lose an event."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from scripted_service import EVENT, KEY, NO_ENDPOINT, REF_ID, Answer, ScriptedService, accept, receipt, refuse
from webhooks_client import Client, Receipt, Rejected, Rejection, Unauthorized, UnexpectedAnswer

KEYED = {**EVENT, "idempotencyKey": "order 42"}
SUCCESS = {"status": "success"}

FOREIGN = {
    "an unknown path of Ringback": NO_ENDPOINT,
    "HTML 404": Answer(404),
    "an empty 404": Answer(404, b""),
    "another API's 404": Answer(404, {"error": "not_found"}),
    "another API's 404 with a similar body": Answer(404, {"status": "error", "message": "Unknown profile."}),
    "the 404 of the original API": refuse(404, 144, "Unknown.", action="post"),
    "HTML 400": Answer(400),
    "another API's 400": Answer(400, {"status": "error", "code": 101, "message": "Bad."}),
    "Ringback's 400 for a malformed request": refuse(400, 400, "Bad request.", action="request"),
    "a code that is a string": Answer(
        400, {"action": "events", "status": "error", "code": "101", "message": "Bad."}
    ),
    "a message that is null": Answer(400, {"action": "events", "status": "error", "code": 101, "message": None}),
    "errors that are a list": refuse(400, 101, "Bad.", errors=["Bad."]),
    "the code of another status": refuse(404, 101, "Bad."),
    "a proxy's 401": Answer(401, headers={"WWW-Authenticate": "Basic"}),
    "another API's 401": Answer(401, {"message": "Unauthorized"}),
    "a firewall's 403": Answer(403),
    "405": refuse(405, 405, "The method is not allowed.", action="request"),
    "HTML 405": Answer(405),
    "409": Answer(409, {"message": "Conflict"}),
    "nginx 413": Answer(413),
    "415": refuse(415, 415, "The Content-Type must be application/json."),
    "422": Answer(422, {"detail": [{"msg": "field required"}]}),
    "500": refuse(500, 500, "Something went wrong on our side."),
    "HTML 500": Answer(500),
    "301": Answer(301, headers={"Location": "https://h.example/api/events"}),
    "302": Answer(302, headers={"Location": "/login?next=%2Fapi"}),
    "308 with JSON": Answer(308, SUCCESS, {"Location": "https://h.example/"}),
    "304": Answer(304, b""),
    "HTML 200": Answer(200),
    "HTML 202": Answer(202),
    "an empty 202": Answer(202, b""),
    "204": Answer(204, b""),
    "JSON 200": Answer(200, receipt(EVENT)),
    "a receipt of another API": Answer(202, {"id": "7", "status": "accepted"}),
    "a success without a receipt": Answer(202, SUCCESS),
    "a receipt without status": Answer(202, {"action": "social", "refId": REF_ID, "state": "queued"}),
    "an echo": Answer(202, {**EVENT, "status": "success"}),
    "a state that is null": Answer(202, receipt(EVENT, state=None)),
    "a hookId that is a number": Answer(202, receipt(EVENT, hookId=7)),
    "a list": Answer(202, [receipt(EVENT)]),
    "a string": Answer(202, "success"),
    "null": Answer(202, b"null"),
    "JSON nested too deeply": Answer(202, b"[" * 200_000),
    "a number with too many digits": Answer(202, b'{"status": ' + b"7" * 5_000 + b"}"),
    "bytes that are not UTF-8": Answer(202, b'{"status": "\xff"}', {"Content-Type": "application/json"}),
    "an error with 202": refuse(202, 101, "Bad."),
}
every_foreign_answer = pytest.mark.parametrize("answer", FOREIGN.values(), ids=FOREIGN)


@pytest.fixture
def client(service: ScriptedService) -> Iterator[Client]:
    with Client(service.url, KEY, patience=0) as client:
        yield client


@every_foreign_answer
def test_a_foreign_answer_to_one_event_leaves_it_unconfirmed(
    client: Client, service: ScriptedService, answer: Answer
) -> None:
    service.script.append(answer)
    with pytest.raises(UnexpectedAnswer, match=r"Is it the right URL\?") as raised:
        client.send(KEYED)
    assert raised.value.unconfirmed == [KEYED]
    assert len(service.calls) == 1


@every_foreign_answer
def test_a_foreign_answer_to_many_events_leaves_all_unconfirmed(
    client: Client, service: ScriptedService, answer: Answer
) -> None:
    service.script.extend([answer] * 3)
    with pytest.raises(UnexpectedAnswer, match=r"Is it the right URL\?") as raised:
        client.send_many([KEYED, EVENT])
    assert raised.value.results == [None, None]
    assert len(raised.value.unconfirmed) == 2


@every_foreign_answer
def test_a_foreign_answer_to_active_is_unexpected(
    client: Client, service: ScriptedService, answer: Answer
) -> None:
    service.script.append(answer)
    with pytest.raises(UnexpectedAnswer, match=r"Is it the right URL\?"):
        client.active("social", REF_ID)


@pytest.mark.parametrize(
    "result", [None, [], "queued", {}, SUCCESS, {"status": "error"}, {**SUCCESS, "code": 101}]
)
def test_a_malformed_result_leaves_the_batch_unconfirmed(
    client: Client, service: ScriptedService, result: Any
) -> None:
    service.script.append(Answer(202, {"status": "partial", "events": [receipt(EVENT), result]}))
    with pytest.raises(UnexpectedAnswer) as raised:
        client.send_many([EVENT, EVENT])
    assert raised.value.results == [None, None]


@pytest.mark.parametrize(
    "answer",
    [
        refuse(400, 101, "Bad.", errors={"type": ["Missing."]}),
        refuse(404, 144, "No profile has this refId."),
        refuse(409, 409, "Used before."),
        refuse(413, 413, "Too large."),
    ],
)
def test_an_error_of_the_service_about_an_event_is_a_rejection(
    client: Client, service: ScriptedService, answer: Answer
) -> None:
    service.script.extend([answer, answer])
    with pytest.raises(Rejected) as raised:
        client.send(EVENT)
    refusal = raised.value
    assert (refusal.status, refusal.code, refusal.message) == (
        answer.status,
        answer.body["code"],
        answer.body["message"],
    )
    assert client.send_many([EVENT]) == [Rejection(0, refusal.code, refusal.message, refusal.errors)]


def test_a_key_that_the_service_refuses_is_unauthorized(client: Client, service: ScriptedService) -> None:
    service.script.append(refuse(401, 102, "The key is missing or unknown."))
    with pytest.raises(Unauthorized) as raised:
        client.send_many([KEYED])
    assert raised.value.unconfirmed == [KEYED]


def test_the_error_for_a_redirect_names_its_host_only(client: Client, service: ScriptedService) -> None:
    """Its path and query may contain secrets, which do not belong in a log."""
    service.script.append(Answer(308, headers={"Location": "https://h.example/x?token=canary"}))
    with pytest.raises(UnexpectedAnswer, match=r"308, a redirect to https://h\.example\.$"):
        client.send(EVENT)


def test_a_size_limit_of_a_proxy_stops_at_the_large_event(client: Client, service: ScriptedService) -> None:
    """The service never saw the event, so the caller keeps it until the proxy accepts it."""

    def proxy(call: Any) -> Answer:
        return Answer(413) if any("post" in event for event in call.events) else accept(call)

    service.script.extend([proxy] * 10)
    events = [EVENT, EVENT, {**KEYED, "post": "large"}, EVENT]
    with pytest.raises(UnexpectedAnswer, match="413 without a JSON object") as raised:
        client.send_many(events)
    assert [isinstance(result, Receipt) for result in raised.value.results[:3]] == [True, True, False]
    assert raised.value.unconfirmed[0] == events[2]
