"""What was sent."""

from __future__ import annotations

from marshmallow import INCLUDE, Schema, fields

from webhooks.actions import CATALOGUE
from webhooks_api.schemas.shared import CustomerQuery, action_field


class HistoryQuery(CustomerQuery):
    """Which action a customer asks about."""

    action = action_field()


class Payload(Schema):
    """A payload as it was sent the last time."""

    class Meta:
        """Options of the schema."""

        unknown = INCLUDE  # the fields of its action

    action = fields.String()
    hookId = fields.String()
    refId = fields.String()
    title = fields.String()
    url = fields.String()
    created = fields.String()
    code = fields.Integer()
    retry = fields.Boolean()
    timeStamp = fields.Integer(metadata={"description": "When the latest attempt began, in Unix seconds."})


History = Schema.from_dict({action: fields.List(fields.Nested(Payload)) for action in CATALOGUE}, name="History")
