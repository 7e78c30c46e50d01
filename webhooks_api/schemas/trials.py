"""Test events."""

from __future__ import annotations

from marshmallow import fields

from webhooks_api.schemas.shared import CustomerBody, Success, action_field


class TrialBody(CustomerBody):
    """Which action's sample is to be sent."""

    action = action_field(required=True)


class TrialSent(Success):
    """A test event is on its way."""

    hookId = fields.String()
    action = fields.String()
    refId = fields.String()
    state = fields.String()
