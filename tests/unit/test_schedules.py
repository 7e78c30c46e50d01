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
