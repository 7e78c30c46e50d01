"""Publication dates of items: ISO 8601 in UTC, or nothing if unknown."""

from __future__ import annotations

import re
from calendar import timegm
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

#: Years in which something may have been published. Other years come from a clock at zero, or are not dates.
_YEARS = range(1901, 2100)
_UNIX_ZERO = datetime(1970, 1, 1, tzinfo=UTC)
#: Dates that are written as a number. feedparser would read their first four digits as a year.
_NUMBER = re.compile(r"[0-9]{5,}(?:\.[0-9]+)?", re.ASCII)
_COMPACT = {8: "%Y%m%d", 14: "%Y%m%d%H%M%S"}
#: The number of digits of Unix times from 1973 to 2286, and their units in seconds.
_UNIX = {9: 1, 10: 1, 12: 1_000, 13: 1_000}


def moment_of(entry: Mapping[str, Any]) -> str:
    """Return when an item was published, or else when it was last changed, to the second."""
    for name in ("published", "updated"):
        if name in entry and (moment := _moment(entry[name], entry.get(f"{name}_parsed"))):
            return f"{moment:%Y-%m-%dT%H:%M:%S}Z"
    return ""


def _moment(written: Any, parsed: Any) -> datetime | None:
    """Return the moment of a date.

    Args:
        written: the text in the feed.
        parsed: feedparser's result, a time in UTC; None if it could not parse the text.
    """
    text = written.strip() if isinstance(written, str) else ""
    try:
        if _NUMBER.fullmatch(text):
            moment = _of_number(text.partition(".")[0])
        elif parsed is None or text.startswith("-"):  # PHP writes -0001-11-30 for a date that is not set
            return None
        else:
            moment = datetime.fromtimestamp(timegm(parsed), UTC)
    except (ValueError, OverflowError):  # a date that does not exist
        return None
    return moment if moment and moment.year in _YEARS and moment != _UNIX_ZERO else None


def _of_number(digits: str) -> datetime | None:
    if (layout := _COMPACT.get(len(digits))) is not None:
        return datetime.strptime(digits, layout).replace(tzinfo=UTC)
    if (parts := _UNIX.get(len(digits))) is not None:
        return datetime.fromtimestamp(int(digits) // parts, UTC)
    return None
