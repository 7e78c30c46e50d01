"""One scenario, measured several times."""

from __future__ import annotations

import time
from collections.abc import Callable

from harness.bench.result import Round, ScenarioResult
from harness.bench.scenario import Measured, Scenario, Side
from harness.bench.workbench import Workbench


def try_scenario(scenario: Scenario, bench: Workbench, rounds: int, tell: Callable[[str], None]) -> ScenarioResult:
    """Measure all sides in turn in each round, so that other load on the machine affects all alike.

    Args:
        tell: called with a description of the next measurement.
    """
    began = time.monotonic()
    whole: list[Round] = []
    wrong = []
    try:
        for number in range(1, rounds + 1):
            measured: dict[Side, Measured] = {}
            for side, measure in scenario.sides.items():
                tell(f"{scenario.name}, round {number} of {rounds}: {side}")
                measured[side] = measure(bench)
            whole.append(measured)
    except Exception as error:  # noqa: BLE001 - whatever stopped this scenario must not stop the others
        wrong.append(f"It broke off: {type(error).__name__}: {error}")
    return ScenarioResult(scenario, whole, time.monotonic() - began, wrong)
