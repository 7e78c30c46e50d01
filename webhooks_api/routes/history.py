"""`/api/hook/history`: what was sent to a profile's webhooks."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify

from webhooks.delivery_log.history import PostHistory
from webhooks_api.blueprints import ApiBlueprint
from webhooks_api.schemas.history import History, HistoryQuery
from webhooks_api.security.authentication import Gate, calling_profile


def history_routes(recalling: PostHistory, gate: Gate) -> ApiBlueprint:
    """Return the blueprint."""
    blueprint = ApiBlueprint(
        "history", __name__, url_prefix="/api/hook/history", description="What was sent", errors=(403,)
    )
    blueprint.before_request(gate)

    @blueprint.get("")
    @blueprint.arguments(HistoryQuery, location="query")
    @blueprint.alt_response(200, schema=History, description="The payloads by action, the newest first")
    def show_history(query: dict[str, Any]) -> Response:
        """Show what was sent to the profile's webhooks, whatever the outcome.

        For each action, it shows up to 250 payloads, or 1,000,000 characters of them. It searches the newest
        20,000 deliveries of the profile, and of these the newest 5,000 of the action. Actions of which nothing was
        sent are left out. The delivery log has all deliveries, page by page.
        """
        return jsonify(recalling.history(calling_profile(), query.get("action")))

    return blueprint
