"""`/api/hook/webhook/test`: customers send a sample event to a webhook."""

from __future__ import annotations

from typing import Any

from webhooks.registration.sample_event import SampleEvents
from webhooks_api.blueprints import ApiBlueprint
from webhooks_api.schemas.deliveries import DeliverySent
from webhooks_api.schemas.trials import TrialBody
from webhooks_api.security.authentication import Gate, calling_profile


def trial_routes(sample_events: SampleEvents, gate: Gate) -> ApiBlueprint:
    """Return the blueprint."""
    blueprint = ApiBlueprint(
        "test", __name__, url_prefix="/api/hook/webhook/test", description="Test events", errors=(403, 404)
    )
    blueprint.before_request(gate)

    @blueprint.post("")
    @blueprint.arguments(TrialBody)
    @blueprint.response(202, DeliverySent)
    def send_test_event(body: dict[str, Any]) -> dict[str, Any]:
        """Send the sample event of an action, marked `"test": true`, to the webhook that gets the real ones."""
        profile, action = calling_profile(), body["action"]
        receipt = sample_events.send(profile, action)
        return {"hookId": receipt.hook_id, "action": action, "refId": profile.ref_id, "state": receipt.status}

    return blueprint
