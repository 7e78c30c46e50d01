"""How long the key before a new one stays valid."""

from __future__ import annotations

from typing import ClassVar

from marshmallow import RAISE, Schema, fields, validate

from webhooks.enrolling import GRACE, LONGEST_GRACE
from webhooks_api.schemas.profiles import ProfilePickBody
from webhooks_api.schemas.shared import Example, OwnBody


class OperatorsNewKeyBody(Schema):
    """How long the key before the new one stays valid; an unknown field is a mistake."""

    class Meta:
        """Options of the schema."""

        unknown = RAISE

    EXAMPLE: ClassVar[Example] = {"graceSeconds": 3600}

    graceSeconds = fields.Integer(
        strict=True,
        load_default=int(GRACE.total_seconds()),
        validate=validate.Range(0, int(LONGEST_GRACE.total_seconds())),
        metadata={"description": "Seconds for which the old key stays valid; with 0 it ends at once."},
    )


class NewKeyBody(OperatorsNewKeyBody, OwnBody, ProfilePickBody):
    """The same from a customer, who may name the profile here."""
