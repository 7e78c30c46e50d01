"""Times as people type them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from webhooks_cli.times import parse_time

NOW = datetime(2026, 1, 5, 10, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("45s", "2026-01-05T10:29:15.000Z"),
        ("30m", "2026-01-05T10:00:00.000Z"),
        ("2h", "2026-01-05T08:30:00.000Z"),
        ("7d", "2025-12-29T10:30:00.000Z"),
        ("2026-01-04", "2026-01-04T00:00:00.000Z"),
        ("2026-01-04 09:15", "2026-01-04T09:15:00.000Z"),
        ("2026-01-04T09:15:00.004Z", "2026-01-04T09:15:00.004Z"),
        ("2026-01-04T09:15:00+01:00", "2026-01-04T08:15:00.000Z"),
    ],
)
def test_a_time_is_relative_or_iso_8601(text: str, time: str) -> None:
    assert parse_time(text, NOW) == time


@pytest.mark.parametrize(
    "text", ["", "2", "h", "-2h", "2 h", "2w", "yesterday", "2026-13-01", "99999999d", "0001-01-01T00:00:00+01:00"]
)
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises((ValueError, OverflowError)):
        parse_time(text, NOW)
