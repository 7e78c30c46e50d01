"""`/api/hook/webhook`: a customer registers, lists and removes webhooks, and sets the secret that signs them."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify

from webhooks.registration.register import Registration
from webhooks_api.blueprints import ApiBlueprint
from webhooks_api.input.moments import to_second
from webhooks_api.schemas.webhooks import (
    Listed,
    ListQuery,
    RegisterBody,
    Registered,
    SecretBody,
    SecretSet,
    UnregisterBody,
    Unregistered,
)
from webhooks_api.security.authentication import Gate, calling_profile


def webhook_routes(registration: Registration, gate: Gate) -> ApiBlueprint:
    """Return the blueprint."""
    blueprint = ApiBlueprint(
        "webhook", __name__, url_prefix="/api/hook/webhook", description="Webhooks", errors=(403, 404)
    )
    blueprint.before_request(gate)

    @blueprint.post("")
    @blueprint.arguments(RegisterBody)
    @blueprint.response(200, Registered)
    def register_webhook(body: dict[str, Any]) -> dict[str, Any]:
        """Register a webhook for an action; it replaces an earlier one.

        The URL is returned in its stored form: an international name as A-labels. A URL that leads to a forbidden
        destination is refused as `blocked`. A secret is set as by `/api/hook/webhook/secret`.
        """
        profile = calling_profile()
        webhook = registration.register(profile, **body)
        return {"action": webhook.action, "url": webhook.url, "refId": profile.ref_id}

    @blueprint.delete("")
    @blueprint.arguments(UnregisterBody)
    @blueprint.response(200, Unregistered)
    def unregister_webhook(body: dict[str, Any]) -> dict[str, Any]:
        """Remove the webhook for an action. Deliveries that are owed to it end as canceled."""
        profile = calling_profile()
        registration.unregister(profile, body["action"])
        return {"action": body["action"], "refId": profile.ref_id}

    @blueprint.get("")
    @blueprint.arguments(ListQuery, location="query")
    @blueprint.alt_response(200, schema=Listed, description="The URL by action, and when each was registered")
    def list_webhooks(query: dict[str, Any]) -> Response:
        """List the profile's webhooks: `<action>` and `<action>Updated` for each. Secrets are never shown."""
        profile = calling_profile()
        answer: dict[str, Any] = {"status": "success"}
        webhooks = [
            webhook
            for webhook in sorted(registration.webhooks_of(profile), key=lambda webhook: webhook.action)
            if query.get("action", webhook.action) == webhook.action
        ]
        for webhook in webhooks:
            answer[webhook.action] = webhook.url
            answer[f"{webhook.action}Updated"] = to_second(webhook.updated)
        if webhooks:
            answer["updated"] = to_second(max(webhook.updated for webhook in webhooks))
        return jsonify(answer | {"refId": profile.ref_id})

    @blueprint.post("/secret")
    @blueprint.arguments(SecretBody)
    @blueprint.response(200, SecretSet)
    def set_secret(body: dict[str, Any]) -> dict[str, Any]:
        """Set the secret that signs all of the profile's webhooks.

        For 24 hours the previous secret signs too. Setting the current secret again changes nothing.
        """
        profile = calling_profile()
        registration.set_secret(profile, body["secret"])
        return {"refId": profile.ref_id}

    @blueprint.delete("/secret")
    @blueprint.response(200, SecretSet)
    def end_older_secret() -> dict[str, Any]:
        """End the 24 hours of the previous secret now, so that only the current one signs.

        The call also succeeds if there is no previous secret.
        """
        profile = calling_profile()
        registration.end_rotation_window(profile)
        return {"refId": profile.ref_id}

    return blueprint
