"""Handing in events; those themselves are in `webhooks.actions`."""

from __future__ import annotations

from marshmallow import Schema, fields

from webhooks.actions.event_fields import REF_ID, Matches
from webhooks_api.schemas.shared import ABSENT, Success, action_field


class ActiveQuery(Schema):
    """Which webhook a producer asks about."""

    action = action_field(required=True)
    refId = fields.String(required=True, validate=Matches(REF_ID, error="Must be 40 hex characters."))


class PublishedAnswer(Success):
    """What became of an event, whether alone or one of many."""

    hookId = fields.String(metadata={**ABSENT, "description": "Absent when there is no delivery."})
    action = fields.String()
    refId = fields.String()
    state = fields.String(
        metadata={"enum": ["queued", "scheduled", "unregistered", "notEntitled", "immediatePost"]}
    )
    duplicate = fields.Boolean(
        metadata={**ABSENT, "description": "There when the same event had been stored before."}
    )
    autoPost = fields.Boolean(metadata={**ABSENT, "description": "For feed: whether the item is to be posted."})


class Active(Success):
    """Whether a webhook would be called."""

    active = fields.Boolean()
