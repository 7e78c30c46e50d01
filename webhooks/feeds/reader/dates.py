"""When an item was published: ISO 8601 in UTC, or nothing if that is unknown."""

from __future__ import annotations

import re
from calendar import timegm
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

#: Years in which something may have been published. What is outside is a clock's zero, or no date at all.
_YEARS = range(1901, 2100)
_UNIX_ZERO = datetime(1970, 1, 1, tzinfo=UTC)
#: Dates that are written as a number. feedparser takes the first four digits of each for a year.
_NUMBER = re.compile(r"[0-9]{5,}(?:\.[0-9]+)?", re.ASCII)
_COMPACT = {8: "%Y%m%d", 14: "%Y%m%d%H%M%S"}
#: Digits of Unix time, and what of a second each is, from 1973 to 2286.
_UNIX = {9: 1, 10: 1, 12: 1_000, 13: 1_000}


def moment_of(entry: Mapping[str, Any]) -> str:
    """Return when an item was published, else when it was changed last, to the second."""
    for name in ("published", "updated"):
        if name in entry and (moment := _moment(entry[name], entry.get(f"{name}_parsed"))):
            return f"{moment:%Y-%m-%dT%H:%M:%S}Z"
    return ""


def _moment(written: Any, parsed: Any) -> datetime | None:
    """Return the moment of a date.

    Args:
        written: as it stands in the feed.
        parsed: what feedparser has made of it, a time in UTC; None if nothing.
    """
    text = written.strip() if isinstance(written, str) else ""
    try:
        if _NUMBER.fullmatch(text):
            moment = _of_number(text.partition(".")[0])
        elif parsed is None or text.startswith("-"):  # PHP writes -0001-11-30 for a date that is not set
            return None
        else:
            moment = datetime.fromtimestamp(timegm(parsed), UTC)
    except (ValueError, OverflowError):  # no date that there is
        return None
    return moment if moment and moment.year in _YEARS and moment != _UNIX_ZERO else None


def _of_number(digits: str) -> datetime | None:
    if (layout := _COMPACT.get(len(digits))) is not None:
        return datetime.strptime(digits, layout).replace(tzinfo=UTC)
    if (parts := _UNIX.get(len(digits))) is not None:
        return datetime.fromtimestamp(int(digits) // parts, UTC)
    return None
