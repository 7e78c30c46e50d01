"""`/api/events`: producers send events, one or many."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify, request

from webhooks.deliveries.accept import MAX_EVENT_BYTES, EventIntake
from webhooks.deliveries.new_delivery import Receipt
from webhooks.errors import EventTooLarge, InvalidInput, RingbackError
from webhooks_api.blueprints import ApiBlueprint
from webhooks_api.documentation.openapi import events_operation
from webhooks_api.errors import error_fields
from webhooks_api.input.bodies import object_of, whole_body
from webhooks_api.schemas.events import Active, ActiveQuery
from webhooks_api.security.authentication import Gate, calling_producer

#: The maximum number of events in a request, and of bytes of its body (contract section 3).
MAX_EVENTS = 1000
MAX_BATCH_BYTES = 5_000_000


def event_routes(intake: EventIntake, gate: Gate) -> ApiBlueprint:
    """Return the blueprint."""
    blueprint = ApiBlueprint("events", __name__, url_prefix="/api/events", description="Events", errors=(404,))
    blueprint.before_request(gate)

    @blueprint.post("")
    @blueprint.doc(**events_operation(MAX_EVENTS))
    def send_events() -> tuple[Response, int]:
        """Send one event, or up to 1,000 as `{"events": […]}`; the answer is 202 when they are stored."""
        request.max_content_length = MAX_BATCH_BYTES
        text = whole_body()
        body = object_of(text, keeps_numbers=True)
        if "events" in body:
            return jsonify(_accept_many(intake, body)), 202
        if len(text) > MAX_EVENT_BYTES:
            raise EventTooLarge
        return jsonify(_accept_one(intake, body)), 202

    @blueprint.get("/active")
    @blueprint.arguments(ActiveQuery, location="query")
    @blueprint.response(200, Active)
    def is_webhook_active(query: dict[str, Any]) -> dict[str, Any]:
        """Report whether a webhook would be called for an event of this action and profile."""
        return {"active": intake.would_call(query["action"], query["refId"])}

    return blueprint


def _accept_one(intake: EventIntake, event: dict[str, Any]) -> dict[str, Any]:
    key = request.headers.get("Idempotency-Key")
    if key is not None and not (key.isascii() and key.isprintable()):
        raise InvalidInput({"Idempotency-Key": ["Must be printable ASCII, as headers have no other characters."]})
    if key is not None and event.setdefault("idempotencyKey", key) != key:
        raise InvalidInput({"idempotencyKey": ["Differs from the Idempotency-Key header."]})
    (result,) = intake.accept([event], calling_producer())
    if isinstance(result, RingbackError):
        raise result
    return _shown(event, result)


def _accept_many(intake: EventIntake, body: dict[str, Any]) -> dict[str, Any]:
    events = body["events"]
    if not isinstance(events, list) or not 0 < len(events) <= MAX_EVENTS:
        raise InvalidInput({"events": [f"Must be an array of 1 to {MAX_EVENTS} events."]})
    if len(body) > 1:
        raise InvalidInput({name: ["Unknown field beside events."] for name in body if name != "events"})
    if "Idempotency-Key" in request.headers:
        raise InvalidInput({"Idempotency-Key": ["Goes with one event; give each of many an idempotencyKey."]})
    results = intake.accept(events, calling_producer())
    rejected = sum(isinstance(result, RingbackError) for result in results)
    return {
        "status": "partial" if rejected else "success",
        "accepted": len(results) - rejected,
        "rejected": rejected,
        "events": [
            error_fields(result) if isinstance(result, RingbackError) else _shown(event, result)
            for event, result in zip(events, results, strict=True)
        ],
    }


def _shown(event: dict[str, Any], receipt: Receipt) -> dict[str, Any]:
    answer: dict[str, Any] = {"status": "success"}
    if receipt.hook_id is not None:
        answer["hookId"] = receipt.hook_id
    answer |= {"action": event["action"], "refId": event["refId"], "state": receipt.status}
    if receipt.is_duplicate:
        answer["duplicate"] = True
    if event["action"] == "feed":
        answer["autoPost"] = receipt.hook_id is None
    return answer
