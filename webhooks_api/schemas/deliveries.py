"""The delivery log."""

from __future__ import annotations

from marshmallow import fields, validate

from webhooks.deliveries.delivery import State
from webhooks.delivery_log.entries import StatusClass
from webhooks.http.call import Detail, Failure
from webhooks_api.input.cursors import decode_cursor
from webhooks_api.input.moments import Instant
from webhooks_api.schemas.shared import Answer, CustomerQuery, Success, action_field, own_profile_field

_USUAL_PAGE, _LARGEST_PAGE = 50, 100


class DeliveriesQuery(CustomerQuery):
    """Which deliveries a customer asks for."""

    action = action_field()
    state = fields.String(validate=validate.OneOf([*State]))
    refId = own_profile_field()
    statusClass = fields.String(
        validate=validate.OneOf([*StatusClass]),
        metadata={"description": "Of the latest attempt's status; `none` when there is none."},
    )
    since = Instant(metadata={"description": "Accepted at this moment or later."})
    until = Instant(metadata={"description": "Accepted before this moment."})
    limit = fields.Integer(load_default=_USUAL_PAGE, validate=validate.Range(1, _LARGEST_PAGE))
    cursor = fields.Function(
        deserialize=decode_cursor, metadata={"type": "string", "description": "That of the answer before."}
    )


class _Delivery(Answer):
    hookId = fields.String()
    action = fields.String()
    refId = fields.String()
    state = fields.String(metadata={"enum": [*State]})


class DeliverySent(Success, _Delivery):
    """A delivery that has just become owed: it is sent again, or it is of a test event."""


class DeliveryShown(_Delivery):
    """A delivery in a list."""

    created = fields.String()
    due = fields.String(allow_none=True)
    attempts = fields.Integer(metadata={"description": "How many there were, with those that were interrupted."})
    lastStatus = fields.Integer(allow_none=True)
    lastError = fields.String(allow_none=True, metadata={"enum": [*Failure, None]})
    lastAttempt = fields.String(allow_none=True, metadata={"description": "When the latest attempt began."})


class DeliveriesAnswer(Success):
    """A page of the delivery log, the newest first."""

    deliveries = fields.List(
        fields.Nested(DeliveryShown),
        metadata={"description": "Perhaps fewer than `limit`, or none, though there are more."},
    )
    cursor = fields.String(
        allow_none=True, metadata={"description": "For the next page; null when there is nothing beyond."}
    )


class PhasesShown(Answer):
    """How long each part of a call took, in milliseconds; null for what was not reached."""

    dns = fields.Integer(allow_none=True)
    connect = fields.Integer(
        allow_none=True, metadata={"description": "0 for a connection that was open already."}
    )
    tls = fields.Integer(allow_none=True, metadata={"description": "0 for a connection that was open already."})
    firstByte = fields.Integer(allow_none=True, metadata={"description": "From there to the answer's first byte."})


class AttemptAnswer(Answer):
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
    phases = fields.Nested(PhasesShown)
    body = fields.String(metadata={"description": "What the receiver answered: its first 16 kB."})


class DeliveryAnswer(Success, _Delivery):
    """A delivery and what became of it."""

    created = fields.String()
    due = fields.String(allow_none=True)
    attempts = fields.List(fields.Nested(AttemptAnswer))
