"""Handing in events; those themselves are in `webhooks.actions`."""

from __future__ import annotations

from marshmallow import Schema, fields

from webhooks.actions.schema import REF_ID, Matches
from webhooks_api.schemas.shared import Success, action_field


class ActiveQuery(Schema):
    """Which webhook a producer asks about."""

    action = action_field(required=True)
    refId = fields.String(required=True, validate=Matches(REF_ID, error="Must be 40 hex characters."))


class PublishedShown(Schema):
    """What became of an event, whether alone or one of many."""

    hookId = fields.String(metadata={"description": "Absent when there is no delivery."})
    action = fields.String()
    refId = fields.String()
    state = fields.String(
        metadata={"enum": ["queued", "scheduled", "unregistered", "notEntitled", "immediatePost"]}
    )
    duplicate = fields.Boolean(metadata={"description": "There when the same event had been stored before."})
    autoPost = fields.Boolean(metadata={"description": "For feed: whether the item is to be posted."})


class PublishedAnswer(Success, PublishedShown):
    """What became of an event."""


class PublishedOrRefused(PublishedShown):
    """What became of one of many events; a refused one has the fields of an error."""

    status = fields.String(metadata={"enum": ["success", "error"]})
    code = fields.Integer()
    message = fields.String()
    errors = fields.Dict(keys=fields.String(), metadata={"description": "Messages by field, for bad input."})


class PublishedManyAnswer(Schema):
    """What became of each of many events, in order."""

    status = fields.String(metadata={"enum": ["success", "partial"]})
    accepted = fields.Integer()
    rejected = fields.Integer()
    events = fields.List(fields.Nested(PublishedOrRefused))


class Active(Success):
    """Whether a webhook would be called."""

    active = fields.Boolean()
