"""What was sent."""

from __future__ import annotations

from marshmallow import INCLUDE, fields

from webhooks.actions import CATALOGUE
from webhooks_api.schemas.shared import ABSENT, Answer, CustomerQuery, action_field


class HistoryQuery(CustomerQuery):
    """Which action a customer asks about."""

    action = action_field()


class Payload(Answer):
    """A payload as it was sent the last time."""

    class Meta:
        """Options of the schema."""

        unknown = INCLUDE  # the fields of its action

    action = fields.String()
    hookId = fields.String()
    refId = fields.String()
    title = fields.String()
    url = fields.String(metadata={**ABSENT, "description": "Absent when every attempt was interrupted."})
    created = fields.String()
    code = fields.Integer()
    retry = fields.Boolean()
    timeStamp = fields.Integer(metadata={"description": "When the latest attempt began, in Unix seconds."})


History = Answer.from_dict(
    {action: fields.List(fields.Nested(Payload), metadata=ABSENT) for action in CATALOGUE}, name="History"
)
