"""Test events."""

from __future__ import annotations

from webhooks_api.schemas.shared import OwnBody, action_field


class TrialBody(OwnBody):
    """Which action's sample is to be sent."""

    action = action_field(required=True)
