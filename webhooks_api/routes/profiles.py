"""`/api/profiles`: a customer's user profiles."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import request

from webhooks.accounts.account import Profile
from webhooks.accounts.manager import AccountManager
from webhooks.accounts.rate_limits import RateLimiter
from webhooks.errors import InvalidInput
from webhooks_api.blueprints import ApiBlueprint
from webhooks_api.documentation.documented_errors import error_responses
from webhooks_api.input.moments import to_second
from webhooks_api.schemas.keys import NewKeyBody
from webhooks_api.schemas.profiles import (
    ProfileAnswer,
    ProfileBody,
    ProfileChangeBody,
    ProfileCreated,
    ProfileKeyReplaced,
    ProfileList,
    ProfilePickBody,
    ProfilesQuery,
)
from webhooks_api.security.authentication import Gate, calling_profile, calling_profile_key


def profile_routes(account_manager: AccountManager, rate_limiter: RateLimiter, gate: Gate) -> ApiBlueprint:
    """Return the blueprint."""
    blueprint = ApiBlueprint(
        "profiles", __name__, url_prefix="/api/profiles", description="User profiles", errors=(403,)
    )
    blueprint.before_request(gate)

    @blueprint.post("")
    @blueprint.arguments(ProfileBody)
    @blueprint.response(200, ProfileCreated)
    @blueprint.doc(responses=error_responses(409))
    def create_profile(body: dict[str, Any]) -> dict[str, Any]:
        """Add a user profile. Its key is shown in this answer and never again.

        An account can have at most 5,000. The call counts as one of the primary profile, whatever the Profile-Key.
        """
        profile, key = account_manager.add_profile(calling_profile().account_ref_id, body["title"])
        return _shown(profile) | {"profileKey": key}

    @blueprint.get("")
    @blueprint.arguments(ProfilesQuery, location="query")
    @blueprint.response(200, ProfileList)
    def list_profiles(query: dict[str, Any]) -> dict[str, Any]:
        """List the account's user profiles, the oldest first: all, or those that match every parameter.

        A key that belongs to none of them matches nothing, and counts as a wrong key.
        """
        profiles = account_manager.user_profiles(calling_profile().account_ref_id)
        if "profileKeys" in query:
            meant = set(account_manager.ref_ids_by_keys(query["profileKeys"]))
            if not meant.issubset(profile.ref_id for profile in profiles):
                rate_limiter.count_wrong_key(request.remote_addr)
            profiles = [profile for profile in profiles if profile.ref_id in meant]
        return {
            "profiles": [
                _shown(profile) | _created(profile)
                for profile in profiles
                if query.get("title", profile.title) == profile.title
                and query.get("refId", profile.ref_id) == profile.ref_id
            ]
        }

    @blueprint.route("", methods=["PUT", "PATCH"])
    @blueprint.arguments(ProfileChangeBody)
    @blueprint.response(200, ProfileAnswer)
    @blueprint.doc(responses=error_responses(404))
    def update_profile(body: dict[str, Any]) -> dict[str, Any]:
        """Change the title of the user profile of the Profile-Key; events accepted before keep the old title."""
        return _shown(account_manager.rename_profile(_calling_user_profile(), body["title"]))

    @blueprint.delete("")
    @blueprint.arguments(ProfilePickBody, required=False)
    @blueprint.response(200, ProfileAnswer)
    def delete_profile(_: dict[str, Any]) -> dict[str, Any]:
        """Remove the user profile of the Profile-Key, with its webhooks and its secret."""
        profile = _calling_user_profile()
        account_manager.remove_profile(profile)
        return _shown(profile)

    @blueprint.post("/key")
    @blueprint.arguments(NewKeyBody)
    @blueprint.response(200, ProfileKeyReplaced)
    @blueprint.doc(responses=error_responses(409))
    def replace_profile_key(body: dict[str, Any]) -> dict[str, Any]:
        """Replace the Profile-Key. The new one is shown in this answer and never again.

        The old key stays valid for `graceSeconds`. While an earlier key is still valid too, the call is refused
        with 409, unless `graceSeconds` is 0, which ends all older keys at once. Only the newest key can be
        replaced.
        """
        profile = _calling_user_profile()
        grace = timedelta(seconds=body["graceSeconds"])
        key, old_key_until = account_manager.replace_profile_key(profile, grace, calling_profile_key())
        return _shown(profile) | {"profileKey": key, "oldKeyValidUntil": to_second(old_key_until)}

    return blueprint


def _calling_user_profile() -> Profile:
    """Return the user profile that the call is about.

    Raises:
        InvalidInput: it is about the primary profile.
    """
    profile = calling_profile()
    if profile.is_primary:
        raise InvalidInput(
            {"Profile-Key": ["Missing header: it says which profile is meant. So does profileKey in the body."]}
        )
    return profile


def _shown(profile: Profile) -> dict[str, Any]:
    return {"title": profile.title, "refId": profile.ref_id}


def _created(profile: Profile) -> dict[str, Any]:
    """Return when a profile was created, in the two forms that clients read."""
    seconds, nanoseconds = int(profile.created.timestamp()), profile.created.microsecond * 1000
    return {
        "created": to_second(profile.created),
        "createdUTC": {"seconds": seconds, "nanoseconds": nanoseconds},
    }
