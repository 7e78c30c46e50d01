"""Points in time as people type and read them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import click

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


class TimeParameter(click.ParamType[str]):
    """`2h` ago, or a time in ISO 8601, in UTC without an offset. Converts to ISO 8601 in UTC."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        try:
            return parse_time(value, datetime.now(UTC))
        except (ValueError, OverflowError):
            self.fail(f"{value!r} is not a time: 30m, 2h, 7d (ago), or 2026-01-05T10:00:00Z.", param, ctx)


def parse_time(text: str, now: datetime) -> str:
    """Return a time in ISO 8601, in UTC.

    Args:
        text: a number with s, m, h or d, which is subtracted from `now`, or ISO 8601.

    Raises:
        ValueError: it is neither.
        OverflowError: the time is outside the calendar.
    """
    if ago := re.fullmatch("([0-9]+)([smhd])", text):
        time = now - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
    else:
        time = datetime.fromisoformat(text)
    aware = time if time.tzinfo else time.replace(tzinfo=UTC)
    return f"{aware.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='milliseconds')}Z"


def format_time(seconds: int) -> str:
    """Return Unix seconds in ISO 8601, in UTC."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
