"""`/api/hook/recover`: redelivering many deliveries."""

from __future__ import annotations

from typing import Any

from webhooks.deliveries.delivery import State
from webhooks.delivery_log.entries import LogFilter
from webhooks.delivery_log.log import DeliveryLog
from webhooks.redelivery.bulk import RecoveryRunner
from webhooks.redelivery.recovery import Recovery, Stage
from webhooks_api.blueprints import ApiBlueprint
from webhooks_api.documentation.documented_errors import error_responses
from webhooks_api.schemas.recoveries import RecoverBody, RecoveryAnswer
from webhooks_api.security.authentication import Gate, calling_profile


def recovery_routes(delivery_log: DeliveryLog, recovery_runner: RecoveryRunner, gate: Gate) -> ApiBlueprint:
    """Return the blueprint."""
    blueprint = ApiBlueprint(
        "recover", __name__, url_prefix="/api/hook/recover", description="Recovery", errors=(403,)
    )
    blueprint.before_request(gate)

    @blueprint.post("")
    @blueprint.arguments(RecoverBody)
    @blueprint.response(202, RecoveryAnswer)
    @blueprint.doc(responses=error_responses(409))
    def begin_recovery(body: dict[str, Any]) -> dict[str, Any]:
        """Redeliver ended deliveries in the background, by default the exhausted ones.

        A recovery covers the deliveries of the account, of one of its profiles (`refId`), or of the profile of the
        Profile-Key. An account can have ten running recoveries. Deliveries that its plan does not include end as
        `notEntitled`.
        """
        span = delivery_log.span(calling_profile(), body["since"], body.get("until"), body.get("refId"))
        log_filter = LogFilter(body.get("action"), State(body["state"] or State.EXHAUSTED))
        return _shown(recovery_runner.begin(span, log_filter))

    @blueprint.get("/<recovery_id>")
    @blueprint.response(200, RecoveryAnswer)
    @blueprint.doc(responses=error_responses(404))
    def show_recovery(recovery_id: str) -> dict[str, Any]:
        """Show the progress of a recovery. It is kept for a week; the recoveries of other accounts are unknown."""
        return _shown(recovery_runner.recovery(calling_profile().account_ref_id, recovery_id))

    return blueprint


def _shown(recovery: Recovery) -> dict[str, Any]:
    return {
        "id": recovery.recovery_id,
        "state": "finished" if recovery.stage is Stage.FINISHED else "running",
        "total": recovery.total,
        "done": recovery.done,
        "failed": recovery.failed,
        "percent": recovery.percent,
    }
