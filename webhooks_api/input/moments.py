"""Writing moments in answers, and reading them from requests."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from marshmallow import fields


def to_second(moment: datetime) -> str:
    """Write a UTC moment to the second: `2026-01-05T01:18:47Z`."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def to_millisecond(moment: datetime) -> str:
    """Write a UTC moment to the millisecond: `2026-01-05T01:18:47.204Z`."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03}Z"


#: The characters of a moment. Python's parser accepts some others.
_CHARACTERS = re.compile(r"[0-9TtZzW:.,+ -]*")


class Instant(fields.AwareDateTime):
    """An ISO 8601 date, with a time or at midnight, read as a UTC moment; UTC is also the default offset."""

    def __init__(self, **options: Any) -> None:
        super().__init__(format="iso", default_timezone=UTC, **options)

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **options: Any
    ) -> datetime:
        if isinstance(value, str) and not _CHARACTERS.fullmatch(value):
            raise self.make_error("invalid", input=value, obj_type=self.OBJ_TYPE)
        try:
            return super()._deserialize(value, attr, data, **options).astimezone(UTC)
        except OverflowError:  # outside the years 1 to 9999
            raise self.make_error("invalid", input=value, obj_type=self.OBJ_TYPE) from None
