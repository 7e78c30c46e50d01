"""The fields of event schemas, which check values and keep them as the producer wrote them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from marshmallow import ValidationError, fields, validate

REF_ID = re.compile(r"^[0-9a-f]{40}$")
HTTPS_URL = re.compile(r"^[hH][tT][tT][pP][sS]://[^\s/?#]\S*$")

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
