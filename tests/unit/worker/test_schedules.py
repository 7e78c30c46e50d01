"""Beat's schedules do not mind a clock that is set."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from webhooks_worker import schedules
from webhooks_worker.schedules import Steadily


@pytest.fixture
def passed(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that have passed, in its one element."""
    seconds = [1000.0]
    monkeypatch.setattr(schedules, "monotonic", lambda: seconds[0])
    return seconds


@pytest.mark.parametrize("hours", [-1, 0, 1])
def test_it_is_due_every_so_many_seconds_whatever_the_wall_clock_says(passed: list[float], hours: int) -> None:
    last_run_at = datetime.now(UTC) + timedelta(hours=hours)
    steadily = Steadily(1.0)
    assert steadily.is_due(last_run_at) == (True, 1.0)
    passed[0] += 0.75
    assert steadily.is_due(last_run_at) == (False, 0.25)
    passed[0] += 0.25
    assert steadily.is_due(last_run_at) == (True, 1.0)


def test_it_is_due_when_beat_asks_a_moment_too_early_and_does_not_get_ahead_by_that(passed: list[float]) -> None:
    """Beat wakes 10 ms before, and would ask without a pause until they are over: 1 % of a processor for each."""
    steadily = Steadily(1.0)
    due = []
    for _ in range(3):
        due.append(steadily.is_due(datetime.now(UTC)))
        passed[0] += due[-1].next - 0.01
    assert [one.is_due for one in due] == [True] * 3
    assert passed[0] == pytest.approx(1003.0 - 0.01)


def test_it_does_not_make_up_for_what_it_missed(passed: list[float]) -> None:
    steadily = Steadily(1.0)
    steadily.is_due(datetime.now(UTC))
    passed[0] += 60
    assert steadily.is_due(datetime.now(UTC)) == (True, 1.0)
    assert not steadily.is_due(datetime.now(UTC)).is_due
