"""Test events."""

from __future__ import annotations

from typing import ClassVar

from webhooks_api.schemas.shared import Example, OwnBody, action_field


class TrialBody(OwnBody):
    """Which action's sample is to be sent."""

    EXAMPLE: ClassVar[Example] = {"action": "social"}

    action = action_field(required=True)
