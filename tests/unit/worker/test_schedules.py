"""The schedules of beat do not depend on the wall clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from webhooks_worker import schedules
from webhooks_worker.schedules import Steadily


@pytest.fixture
def passed(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that have passed, as its one element."""
    seconds = [1000.0]
    monkeypatch.setattr(schedules, "monotonic", lambda: seconds[0])
    return seconds


@pytest.mark.parametrize("hours", [-1, 0, 1])
def test_a_task_is_due_by_the_monotonic_clock(passed: list[float], hours: int) -> None:
    last_run_at = datetime.now(UTC) + timedelta(hours=hours)
    steadily = Steadily(1.0)
    assert steadily.is_due(last_run_at) == (True, 1.0)
    passed[0] += 0.75
    assert steadily.is_due(last_run_at) == (False, 0.25)
    passed[0] += 0.25
    assert steadily.is_due(last_run_at) == (True, 1.0)


def test_a_task_asked_for_slightly_early_is_due_and_keeps_its_rhythm(passed: list[float]) -> None:
    """Beat wakes up 10 ms early, and would then ask without a pause: 1 % of a CPU for each task."""
    steadily = Steadily(1.0)
    due = []
    for _ in range(3):
        due.append(steadily.is_due(datetime.now(UTC)))
        passed[0] += due[-1].next - 0.01
    assert [one.is_due for one in due] == [True] * 3
    assert passed[0] == pytest.approx(1003.0 - 0.01)


def test_missed_runs_are_not_made_up_for(passed: list[float]) -> None:
    steadily = Steadily(1.0)
    steadily.is_due(datetime.now(UTC))
    passed[0] += 60
    assert steadily.is_due(datetime.now(UTC)) == (True, 1.0)
    assert not steadily.is_due(datetime.now(UTC)).is_due
