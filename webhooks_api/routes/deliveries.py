"""`/api/hook/deliveries`: what happened to a webhook."""

from __future__ import annotations

from typing import Any

from webhooks.deliveries import Attempt
from webhooks.errors import UnknownDelivery
from webhooks.ledger import Ledger
from webhooks_api.authentication import Gate, calling_profile
from webhooks_api.blueprints import ApiBlueprint
from webhooks_api.moments import to_millisecond
from webhooks_api.schemas.deliveries import DeliveryAnswer


def delivery_routes(ledger: Ledger, gate: Gate) -> ApiBlueprint:
    """Return the blueprint."""
    blueprint = ApiBlueprint(
        "deliveries",
        __name__,
        url_prefix="/api/hook/deliveries",
        description="The delivery log",
        errors=(403, 404),
    )
    blueprint.before_request(gate)

    @blueprint.get("/<hook_id>")
    @blueprint.response(200, DeliveryAnswer)
    def show_delivery(hook_id: str) -> dict[str, Any]:
        """Show a delivery of the account's profiles, with every attempt; another account's is unknown."""
        delivery = ledger.find(hook_id)
        if delivery is None or delivery.account != calling_profile().account_ref_id:
            raise UnknownDelivery
        return {
            "hookId": delivery.hook_id,
            "action": delivery.action,
            "refId": delivery.profile,
            "state": delivery.state,
            "created": to_millisecond(delivery.created),
            "due": None if delivery.due is None else to_millisecond(delivery.due),
            "attempts": [_shown(attempt) for attempt in delivery.attempts],
        }

    return blueprint


def _shown(attempt: Attempt) -> dict[str, Any]:
    return {
        "attempt": attempt.number,
        "at": to_millisecond(attempt.at),
        "retry": attempt.retry,
        "status": attempt.outcome.status,
        "error": attempt.outcome.failure,
        "detail": attempt.outcome.detail,
        "ms": attempt.outcome.milliseconds,
        "body": attempt.outcome.body.decode(errors="replace"),
    }
