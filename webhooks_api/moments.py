"""How moments are written in answers."""

from __future__ import annotations

from datetime import datetime


def to_second(moment: datetime) -> str:
    """Write a UTC moment to the second: `2026-01-05T01:18:47Z`."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def to_millisecond(moment: datetime) -> str:
    """Write a UTC moment to the millisecond: `2026-01-05T01:18:47.204Z`."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03}Z"
