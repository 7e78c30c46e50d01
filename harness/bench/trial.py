"""One scenario, measured several times."""

from __future__ import annotations

import time
from collections.abc import Callable

from harness.bench.ground import Ground
from harness.bench.result import Result, Round
from harness.bench.scenario import Measured, Scenario, Side


def try_scenario(scenario: Scenario, ground: Ground, rounds: int, tell: Callable[[str], None]) -> Result:
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
                measured[side] = measure(ground)
            whole.append(measured)
    except Exception as error:  # noqa: BLE001 - whatever stopped this scenario must not stop the others
        wrong.append(f"It broke off: {type(error).__name__}: {error}")
    return Result(scenario, whole, time.monotonic() - began, wrong)
