"""How long the key before a new one stays valid."""

from __future__ import annotations

from marshmallow import RAISE, fields, validate

from webhooks.enrolling import GRACE, LONGEST_GRACE
from webhooks_api.schemas.shared import CustomerBody


class NewKeyBody(CustomerBody):
    """How long the key before the new one stays valid."""

    graceSeconds = fields.Integer(
        strict=True,
        load_default=int(GRACE.total_seconds()),
        validate=validate.Range(0, int(LONGEST_GRACE.total_seconds())),
        metadata={"description": "Seconds for which the old key stays valid; with 0 it ends at once."},
    )


class OperatorsNewKeyBody(NewKeyBody):
    """The same from an operator, whose unknown field is a mistake."""

    class Meta:
        """Options of the schema."""

        unknown = RAISE
