"""The schedules of beat do not depend on the wall clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from fake_clock import FakeClock
from webhooks_worker.schedules import MonotonicInterval


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.mark.parametrize("hours", [-1, 0, 1])
def test_a_task_is_due_by_the_monotonic_clock(clock: FakeClock, hours: int) -> None:
    last_run_at = datetime.now(UTC) + timedelta(hours=hours)
    interval = MonotonicInterval(1.0, lambda: clock.seconds)
    assert interval.is_due(last_run_at) == (True, 1.0)
    clock.seconds += 0.75
    assert interval.is_due(last_run_at) == (False, 0.25)
    clock.seconds += 0.25
    assert interval.is_due(last_run_at) == (True, 1.0)


def test_a_task_asked_for_slightly_early_is_due_and_keeps_its_rhythm(clock: FakeClock) -> None:
    """Beat wakes up 10 ms early, and would then ask without a pause: 1 % of a CPU for each task."""
    interval = MonotonicInterval(1.0, lambda: clock.seconds)
    due = []
    for _ in range(3):
        due.append(interval.is_due(datetime.now(UTC)))
        clock.seconds += due[-1].next - 0.01
    assert [one.is_due for one in due] == [True] * 3
    assert clock.seconds == pytest.approx(3.0 - 0.01)


def test_missed_runs_are_not_made_up_for(clock: FakeClock) -> None:
    interval = MonotonicInterval(1.0, lambda: clock.seconds)
    interval.is_due(datetime.now(UTC))
    clock.seconds += 60
    assert interval.is_due(datetime.now(UTC)) == (True, 1.0)
    assert not interval.is_due(datetime.now(UTC)).is_due
