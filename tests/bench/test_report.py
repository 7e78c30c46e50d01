"""The report of a run: its time and its machine."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from harness.bench.report import caption, machine, name_of_processor

CPUINFO = """processor\t: 0
model name\t: Some Maker 9 (Core)
processor\t: 1
model name\t: Some Maker 9 (Core)
"""


def test_a_run_is_stored_with_its_time_and_machine() -> None:
    text = caption(
        datetime(2026, 11, 29, 7, 5, tzinfo=UTC), 3, {**machine(), "cores": 4, "processor": "Some Maker 9"}
    )
    assert text.startswith("Measured in 3 rounds that ended at 2026-11-29 07:05 UTC; 4 cores of Some Maker 9, ")
    assert "None" not in text


@pytest.mark.parametrize(("cpuinfo", "name"), [(CPUINFO, "Some Maker 9 (Core)"), ("", "a kind")])
def test_a_processor_has_its_model_or_architecture_as_name(
    cpuinfo: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("platform.machine", lambda: "a kind")
    assert name_of_processor(cpuinfo) == name
