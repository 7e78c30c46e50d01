"""The delivery log."""

from __future__ import annotations

from marshmallow import Schema, fields

from webhooks.deliveries import Detail, Failure
from webhooks_api.schemas.shared import Success


class AttemptAnswer(Schema):
    """One line of the delivery log."""

    attempt = fields.Integer()
    at = fields.String()
    retry = fields.Boolean()
    status = fields.Integer(allow_none=True)
    error = fields.String(allow_none=True, metadata={"enum": [*Failure, None]})
    detail = fields.String(
        allow_none=True,
        metadata={
            "enum": [*Detail, None],
            "description": "What was wrong with the receiver's TLS, or its answer's body.",
        },
    )
    ms = fields.Integer()
    body = fields.String(metadata={"description": "What the receiver answered: its first 16 kB."})


class DeliveryAnswer(Success):
    """A delivery and what became of it."""

    hookId = fields.String()
    action = fields.String()
    refId = fields.String()
    state = fields.String()
    created = fields.String()
    due = fields.String(allow_none=True)
    attempts = fields.List(fields.Nested(AttemptAnswer))
