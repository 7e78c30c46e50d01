"""What is sent and answered when a key is replaced."""

from __future__ import annotations

from marshmallow import RAISE, fields, validate

from webhooks.enrolling import GRACE, LONGEST_GRACE
from webhooks_api.schemas import CustomerBody, ProfileCreated, Success


class NewKeyBody(CustomerBody):
    """How long the key before the new one stays valid."""

    graceSeconds = fields.Integer(
        strict=True,
        load_default=int(GRACE.total_seconds()),
        validate=validate.Range(0, int(LONGEST_GRACE.total_seconds())),
        metadata={"description": "Seconds for which the old key stays valid; with 0 it ends at once."},
    )


class NewApiKeyBody(NewKeyBody):
    """The same from an operator, whose unknown field is a mistake."""

    class Meta:
        """Options of the schema."""

        unknown = RAISE


class ProfileKeyReplaced(ProfileCreated):
    """A user profile with a new key; it is shown this once."""

    oldKeyValidUntil = fields.String()


class ApiKeyReplaced(Success):
    """An account with a new API key; it is shown this once."""

    refId = fields.String()
    apiKey = fields.String()
    oldKeyValidUntil = fields.String()
