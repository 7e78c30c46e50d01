"""Moments as people type and read them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import click

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


class Moment(click.ParamType[str]):
    """`2h` ago, or a moment in ISO 8601, in UTC if it names no zone. Converts to ISO 8601 in UTC."""

    name = "moment"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return it, or fail."""
        try:
            return read_moment(value, datetime.now(UTC))
        except (ValueError, OverflowError):
            self.fail(f"{value!r} is no moment: 30m, 2h, 7d (ago), or 2026-01-05T10:00:00Z.", param, ctx)


def read_moment(text: str, now: datetime) -> str:
    """Return a moment in ISO 8601, in UTC.

    Args:
        text: a number with s, m, h or d: so long before `now`; else ISO 8601.

    Raises:
        ValueError: it is neither.
        OverflowError: it is beyond the calendar.
    """
    if ago := re.fullmatch("([0-9]+)([smhd])", text):
        moment = now - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
    else:
        moment = datetime.fromisoformat(text)
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return f"{aware.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='milliseconds')}Z"


def shown_moment(seconds: int) -> str:
    """Return Unix seconds in ISO 8601, in UTC."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
