"""The building blocks of event schemas.

Events pass through: a field is checked and kept as the producer wrote it, never converted.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from marshmallow import INCLUDE, Schema, ValidationError, fields, validate, validates_schema

REF_ID = re.compile(r"^[0-9a-f]{40}$")
HTTPS_URL = re.compile(r"^[hH][tT][tT][pP][sS]://[^\s/?#]\S*$")

#: The maximum length of an array.
MAX_ITEMS = 100
#: Errors that are reported of an array; the elements after them are not checked.
MAX_WRONG_ITEMS = 5


class Matches(validate.Regexp):
    """The whole text matches a pattern.

    The OpenAPI document shows the pattern, so it must mean the same to ECMAScript, Go's RE2 and Python: anchored
    by `^` and `$`, without look-ahead or look-behind. Python's `$` also matches before a newline at the end, so
    `fullmatch` is used, which does not.
    """

    def __call__(self, value: Any) -> Any:
        """Return the text.

        Raises:
            ValidationError: it does not match.
        """
        if self.regex.fullmatch(value) is None:
            raise ValidationError(self._format_error(value))
        return value


class Moment(fields.String):
    """An ISO 8601 date and time, kept as it was written."""

    def __init__(self, **options: Any) -> None:
        super().__init__(metadata={"format": "date-time"}, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **options: Any) -> str:
        text = str(super()._deserialize(value, attr, data, **options))
        try:
            read_moment(text)
        except ValueError:
            raise ValidationError("Not an ISO 8601 date and time.") from None
        return text


class Array(fields.List[Any]):
    """An array whose check ends early if it is too long or has too many errors, to bound the work."""

    def _deserialize(self, value: Any, *_: Any, **options: Any) -> list[Any]:
        if not isinstance(value, list):
            raise self.make_error("invalid")
        self._validate(value)
        wrong: dict[str | int, Any] = {}
        for index, element in enumerate(value):
            try:
                self.inner.deserialize(element, **options)
            except ValidationError as error:
                wrong[index] = error.messages
                if len(wrong) == MAX_WRONG_ITEMS:
                    break
        if wrong:
            raise ValidationError(wrong)
        return value


class Inner(fields.Nested):
    """An object in an event, kept as it was written; marshmallow would move its known fields to the front."""

    def _deserialize(self, value: Any, *arguments: Any, **options: Any) -> Any:
        super()._deserialize(value, *arguments, **options)
        return value


def read_moment(text: str) -> datetime:
    """Parse an ISO 8601 date and time; returns it in UTC, which is also the default offset.

    Raises:
        ValueError: it is not ISO 8601, has no time of day, or lies outside the years 1 to 9999.
    """
    if "T" not in text or " " in text:
        raise ValueError("no time of day, or a space, which only Python accepts")
    moment = datetime.fromisoformat(text)
    try:
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except OverflowError:
        raise ValueError("outside the years 1 to 9999") from None


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
