"""The progress that a recovery reports."""

from __future__ import annotations

import pytest

from unit.redelivery.recovery_scene import EXHAUSTED
from webhooks.delivery_log.entries import Cursor, Span
from webhooks.redelivery.recovery import Recovery, Stage


@pytest.mark.parametrize(
    ("stage", "counted", "done", "failed", "total", "percent"),
    [
        (Stage.COUNTING, 7, 0, 0, None, 0),
        (Stage.REDELIVERING, 0, 0, 0, 0, 0),
        (Stage.REDELIVERING, 1000, 0, 0, 1000, 0),
        (Stage.REDELIVERING, 1000, 995, 4, 1000, 99),
        (Stage.REDELIVERING, 10, 9, 1, 10, 99),
        (Stage.REDELIVERING, 10, 11, 1, 12, 99),
        (Stage.FINISHED, 10, 8, 1, 9, 100),
        (Stage.FINISHED, 0, 0, 0, 0, 100),
    ],
)
def test_total_and_percent_in_each_stage(
    stage: Stage, counted: int, done: int, failed: int, total: int | None, percent: int
) -> None:
    recovery = Recovery("id", Span("account"), EXHAUSTED, 1, stage, Cursor(1, 1), counted, done, failed)
    assert (recovery.total, recovery.percent) == (total, percent)
