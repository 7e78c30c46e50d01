"""Sending many deliveries again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from marshmallow import ValidationError, fields, validate, validates_schema

from webhooks.deliveries.delivery import ENDED, State
from webhooks_api.input.moments import Instant
from webhooks_api.schemas.shared import Example, OwnBody, Success, action_field, own_profile_field


class RecoverBody(OwnBody):
    """Which deliveries are to be sent again."""

    EXAMPLE: ClassVar[Example] = {"since": "2026-01-05T00:00:00Z", "action": "social", "state": "exhausted"}

    since = Instant(required=True, metadata={"description": "Accepted at this moment or later."})
    until = Instant(
        allow_none=True, metadata={"description": "Accepted before this moment; before this call if left out."}
    )
    action = action_field(allow_none=True)
    refId = own_profile_field(allow_none=True)
    state = fields.String(
        validate=validate.OneOf([*ENDED]),
        allow_none=True,
        load_default=State.EXHAUSTED.value,
        metadata={"description": "How they ended."},
    )

    @validates_schema
    def check_span(self, body: Mapping[str, Any], **_: Any) -> None:
        """Demand that there is time between the two moments."""
        if body.get("until") is not None and body["until"] <= body["since"]:
            raise ValidationError("Must be after since.", "until")


class RecoveryAnswer(Success):
    """How far a recovery has come."""

    id = fields.String()
    state = fields.String(metadata={"enum": ["running", "finished"]})
    total = fields.Integer(
        allow_none=True,
        metadata={
            "description": "Deliveries that it is about; null while they are counted. "
            "In the end, without those that were resent one by one meanwhile."
        },
    )
    done = fields.Integer(metadata={"description": "Those that are sent again."})
    failed = fields.Integer(
        metadata={"description": "Those that cannot be: their webhook is gone, or they had 100 attempts."}
    )
    percent = fields.Integer()
