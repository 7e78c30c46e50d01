"""How long the key before a new one stays valid."""

from __future__ import annotations

from typing import ClassVar

from marshmallow import RAISE, Schema, fields, validate

from webhooks.accounts.manager import KEY_OVERLAP, MAX_KEY_OVERLAP
from webhooks_api.schemas.profiles import profile_key_field
from webhooks_api.schemas.shared import Example, OwnBody

_EXAMPLE: Example = {"graceSeconds": 3600}


def _grace_seconds() -> fields.Integer:
    return fields.Integer(
        strict=True,
        load_default=int(KEY_OVERLAP.total_seconds()),
        validate=validate.Range(0, int(MAX_KEY_OVERLAP.total_seconds())),
        metadata={"description": "Seconds for which the old key stays valid; with 0 it ends at once."},
    )


class NewKeyBody(OwnBody):
    """How long the key before the new one stays valid."""

    EXAMPLE: ClassVar[Example] = _EXAMPLE

    profileKey = profile_key_field()
    graceSeconds = _grace_seconds()


class OperatorsNewKeyBody(Schema):
    """The same from an operator, who needs no Profile-Key."""

    class Meta:
        """Options of the schema."""

        unknown = RAISE

    EXAMPLE: ClassVar[Example] = _EXAMPLE

    graceSeconds = _grace_seconds()
