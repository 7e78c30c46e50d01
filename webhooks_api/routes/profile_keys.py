"""`/api/admin/profiles`: an operator replaces a lost Profile-Key."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from webhooks.accounts.manager import AccountManager
from webhooks_api.blueprints import ApiBlueprint
from webhooks_api.input.moments import to_second
from webhooks_api.schemas.keys import OperatorsNewKeyBody
from webhooks_api.schemas.profiles import ProfileKeyReplaced
from webhooks_api.security.authentication import Gate


def profile_key_routes(account_manager: AccountManager, gate: Gate) -> ApiBlueprint:
    """Return the blueprint."""
    blueprint = ApiBlueprint(
        "keys", __name__, url_prefix="/api/admin/profiles", description="Profile-Keys", errors=(404, 409)
    )
    blueprint.before_request(gate)

    @blueprint.post("/<ref_id>/key")
    @blueprint.arguments(OperatorsNewKeyBody)
    @blueprint.response(200, ProfileKeyReplaced)
    def replace_lost_profile_key(body: dict[str, Any], ref_id: str) -> dict[str, Any]:
        """Replace a user profile's Profile-Key. The new one is shown in this answer and never again.

        It is the same as the customer's call, but without a Profile-Key, which may be lost.
        """
        profile = account_manager.user_profile(ref_id)
        key, old_key_until = account_manager.replace_profile_key(profile, timedelta(seconds=body["graceSeconds"]))
        return {
            "title": profile.title,
            "refId": ref_id,
            "profileKey": key,
            "oldKeyValidUntil": to_second(old_key_until),
        }

    return blueprint
