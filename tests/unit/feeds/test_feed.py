"""When a feed is polled next: a decision as a value."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from webhooks.feeds.feed import MAX_PAUSE, new_feed_id, next_poll

BEGAN = datetime(2026, 1, 5, 10, 0, 0, tzinfo=UTC)
INTERVAL = 300.0


def pause(feed_id: str, failures: int = 0, interval: float = INTERVAL, began: datetime = BEGAN) -> float:
    return (next_poll(feed_id, began, interval, failures) - began).total_seconds()


def test_a_feed_is_polled_once_in_an_interval() -> None:
    """Also if each poll starts a moment late, or less than a millisecond early, as the store rounds."""
    feed_id, began = new_feed_id(), BEGAN
    moments = []
    for late in (0.0, 0.9, -0.0005, 0.5):
        began = next_poll(feed_id, began + timedelta(seconds=late), INTERVAL)
        moments.append(began)
    pauses = [(later - earlier).total_seconds() for earlier, later in pairwise(moments)]
    assert pauses == pytest.approx([INTERVAL] * 3)


def test_feeds_added_together_spread_over_the_interval() -> None:
    pauses = [pause(new_feed_id()) for _ in range(1_000)]
    assert min(pauses) >= INTERVAL / 2
    assert max(pauses) <= INTERVAL * 3 / 2
    tenths = Counter(int((pause / INTERVAL - 0.5) * 10) for pause in pauses)
    assert all(40 < tenths[tenth] < 160 for tenth in range(10))


def test_each_failure_doubles_the_pause_up_to_a_limit() -> None:
    feed_id = new_feed_id()
    added = [pause(feed_id, failures) - pause(feed_id) for failures in range(1, 60)]
    assert added[:3] == pytest.approx([INTERVAL, 3 * INTERVAL, 7 * INTERVAL])
    assert added == sorted(added)
    assert added[-1] == MAX_PAUSE.total_seconds() - INTERVAL


def test_a_failing_feed_is_never_polled_more_often_than_another() -> None:
    """An interval may be longer than the longest pause."""
    feed_id, day = new_feed_id(), 86_400.0
    assert pause(feed_id, 9, day) == pause(feed_id, 0, day)
