"""The base of all event schemas, and the functions that make their fields."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import INCLUDE, Schema, fields, validate, validates_schema

from webhooks.actions.event_fields import HTTPS_URL, REF_ID, Array, Inner, Matches, Moment

#: The maximum length of an array.
MAX_ITEMS = 100


def text(**options: Any) -> fields.String:
    """Return a field for a non-empty string."""
    return fields.String(validate=validate.Length(min=1), **options)


def https_url(**options: Any) -> fields.String:
    """Return a field for any https URL; it is shown to receivers and never called by Ringback."""
    return fields.String(validate=Matches(HTTPS_URL, error="Must be an https:// URL."), **options)


def one_of(*values: str, **options: Any) -> fields.String:
    """Return a field that accepts one of `values`."""
    return fields.String(validate=validate.OneOf(values), **options)


def items(inner: fields.Field[Any]) -> Array:
    """Return a field for an array; an empty one if it is left out."""
    return Array(inner, validate=validate.Length(max=MAX_ITEMS), load_default=list)


def nested(name: str, inner: Mapping[str, fields.Field[Any]], **options: Any) -> Inner:
    """Return a field for an object called `name` in the docs; its unknown fields pass through unchanged."""
    return Inner(OpenSchema.from_dict(dict(inner), name=name), unknown=INCLUDE, **options)


class OpenSchema(Schema):
    """An object whose unknown fields pass through unchanged, also in the documentation."""

    class Meta:
        """Options of the schema."""

        unknown = INCLUDE


class EventSchema(OpenSchema):
    """The fields of every event."""

    action = text(required=True)
    refId = fields.String(required=True, validate=Matches(REF_ID, error="Must be 40 hex characters."))
    created = Moment()
    code = fields.Integer(strict=True)
    idempotencyKey = fields.String(validate=validate.Length(min=1, max=255))

    def check_together(self, checked: Mapping[str, Any], event: Mapping[str, Any]) -> None:
        """Refuse fields that do not go together; by default all do.

        Args:
            checked: the valid fields.
            event: all fields.

        Raises:
            ValidationError: with the field that is superfluous or missing.
        """

    @validates_schema(pass_original=True, skip_on_field_errors=False)
    def _run_check_together(self, checked: Mapping[str, Any], event: Mapping[str, Any], **_: Any) -> None:
        self.check_together(checked, event)
