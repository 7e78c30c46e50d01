"""`/api/hook/deliveries`: what happened to a webhook, and sending it again."""

from __future__ import annotations

from typing import Any

from webhooks.deliveries.delivery import Attempt, Delivery, State
from webhooks.delivery_log.entries import LogFilter, StatusClass
from webhooks.delivery_log.log import DeliveryLog
from webhooks.redelivery.resend import Resender
from webhooks_api.blueprints import ApiBlueprint
from webhooks_api.documentation.documented_errors import error_responses
from webhooks_api.input.cursors import encode_cursor
from webhooks_api.input.moments import to_millisecond
from webhooks_api.schemas.deliveries import DeliveriesAnswer, DeliveriesQuery, DeliveryAnswer, DeliverySent
from webhooks_api.security.authentication import Gate, calling_profile


def delivery_routes(delivery_log: DeliveryLog, resender: Resender, gate: Gate) -> ApiBlueprint:
    """Return the blueprint."""
    blueprint = ApiBlueprint(
        "deliveries",
        __name__,
        url_prefix="/api/hook/deliveries",
        description="The delivery log",
        errors=(403,),
    )
    blueprint.before_request(gate)

    @blueprint.get("")
    @blueprint.arguments(DeliveriesQuery, location="query")
    @blueprint.response(200, DeliveriesAnswer)
    def list_deliveries(query: dict[str, Any]) -> dict[str, Any]:
        """List the deliveries of the account, or those of the profile of the Profile-Key, the newest first.

        A page may be short or empty even if more deliveries match, as one call searches only a part of the log.
        Follow the cursor; it is null on the last page.
        """
        span = delivery_log.span(calling_profile(), query.get("since"), query.get("until"), query.get("refId"))
        page = delivery_log.page(span, _wanted(query), query["limit"], query.get("cursor"))
        return {
            "deliveries": [_shown(delivery) | _summary(delivery) for delivery in page.deliveries],
            "cursor": None if page.end is None else encode_cursor(page.end),
        }

    @blueprint.get("/<hook_id>")
    @blueprint.response(200, DeliveryAnswer)
    @blueprint.doc(responses=error_responses(404))
    def show_delivery(hook_id: str) -> dict[str, Any]:
        """Show a delivery of the account, with every attempt; the deliveries of other accounts are unknown."""
        delivery = delivery_log.delivery(calling_profile().account_ref_id, hook_id)
        return _shown(delivery) | {"attempts": [_shown_attempt(attempt) for attempt in delivery.attempts]}

    @blueprint.post("/<hook_id>/resend")
    @blueprint.response(202, DeliverySent)
    @blueprint.doc(responses=error_responses(404, 409))
    def resend_delivery(hook_id: str) -> dict[str, Any]:
        """Redeliver an ended delivery: one more attempt, and two more if it fails.

        The hookId stays the same, and attempts continue to be counted. A delivery that is still owed an attempt is
        refused with 409, and one that the account's plan or add-ons do not include with 403.
        """
        return _shown(resender.resend(calling_profile().account_ref_id, hook_id))

    return blueprint


def _wanted(query: dict[str, Any]) -> LogFilter:
    state, status_class = query.get("state"), query.get("statusClass")
    return LogFilter(
        action=query.get("action"),
        state=None if state is None else State(state),
        status_class=None if status_class is None else StatusClass(status_class),
    )


def _shown(delivery: Delivery) -> dict[str, Any]:
    return {
        "hookId": delivery.hook_id,
        "action": delivery.action,
        "refId": delivery.profile,
        "state": delivery.state,
        "created": to_millisecond(delivery.created),
        "due": None if delivery.due is None else to_millisecond(delivery.due),
    }


def _summary(delivery: Delivery) -> dict[str, Any]:
    last = delivery.last_attempt
    return {
        "attempts": len(delivery.attempts),
        "lastStatus": None if last is None else last.outcome.status,
        "lastError": None if last is None else last.outcome.failure,
        "lastAttempt": None if last is None else to_millisecond(last.at),
    }


def _shown_attempt(attempt: Attempt) -> dict[str, Any]:
    outcome = attempt.outcome
    return {
        "attempt": attempt.number,
        "at": to_millisecond(attempt.at),
        "retry": attempt.retry,
        "status": outcome.status,
        "error": outcome.failure,
        "detail": outcome.detail,
        "ms": outcome.milliseconds,
        "phases": {
            "dns": outcome.phases.dns,
            "connect": outcome.phases.connect,
            "tls": outcome.phases.tls,
            "firstByte": outcome.phases.first_byte,
        },
        "body": outcome.body.decode(errors="replace"),
    }
