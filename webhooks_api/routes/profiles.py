"""`/api/profiles`: a customer's user profiles."""

from __future__ import annotations

from typing import Any

from webhooks.accounts import Profile
from webhooks.enrolling import Enrolling
from webhooks.errors import InvalidInput
from webhooks_api.authentication import Gate, calling_profile
from webhooks_api.blueprints import ApiBlueprint
from webhooks_api.schemas import ProfileAnswer, ProfileBody, ProfileCreated, ProfileList


def profile_routes(enrolling: Enrolling, gate: Gate) -> ApiBlueprint:
    """Return the blueprint."""
    blueprint = ApiBlueprint(
        "profiles", __name__, url_prefix="/api/profiles", description="User profiles", errors=(403,)
    )
    blueprint.before_request(gate)

    @blueprint.post("")
    @blueprint.arguments(ProfileBody)
    @blueprint.response(200, ProfileCreated)
    def create_profile(body: dict[str, Any]) -> dict[str, Any]:
        """Add a user profile. Its key is shown in this answer and never again."""
        profile, key = enrolling.add_profile(calling_profile().account_ref_id, body["title"])
        return _shown(profile) | {"profileKey": key}

    @blueprint.get("")
    @blueprint.response(200, ProfileList)
    def list_profiles() -> dict[str, Any]:
        """List the account's user profiles, the oldest first."""
        profiles = enrolling.user_profiles(calling_profile().account_ref_id)
        return {"profiles": [_shown(profile) for profile in profiles]}

    @blueprint.delete("")
    @blueprint.response(200, ProfileAnswer)
    def delete_profile() -> dict[str, Any]:
        """Remove the user profile of the Profile-Key, with its webhooks and its secret."""
        profile = calling_profile()
        if profile.is_primary:
            raise InvalidInput({"Profile-Key": ["Missing header: it says which profile to remove."]})
        enrolling.remove_profile(profile)
        return _shown(profile)

    return blueprint


def _shown(profile: Profile) -> dict[str, Any]:
    return {"title": profile.title, "refId": profile.ref_id}
