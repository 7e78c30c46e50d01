"""The memory of the processes at full load, and its growth."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from statistics import mean
from typing import Self

from harness.bench.cpu import largest_resident_bytes
from harness.bench.flow import load_flow
from harness.bench.scenario import Figure, Measured, Scenario, Side, at_most
from harness.bench.scenarios.backlog import BATCH
from harness.bench.system import System
from harness.bench.workbench import Workbench

_PAUSE = 0.25
_MB = 1_000_000
#: The maximum growth of the last quarter of the time over the second quarter; the first one is for warming up.
_FLAT = 1.1


class Scales:
    """Measures the largest process of each kind, again and again during the block.

    Attributes:
        weights: megabytes by kind, in the order of time.
    """

    def __init__(self, system: System, kinds: Sequence[str]) -> None:
        self.weights: dict[str, list[float]] = {kind: [] for kind in kinds}
        self._sessions = {kind: system.sessions(kind) for kind in kinds}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._over.wait(_PAUSE):
            for kind, sessions in self._sessions.items():
                self.weights[kind].append(largest_resident_bytes(sessions) / _MB)


def growth(weights: Sequence[float]) -> float:
    """Return the ratio of the last quarter of these values to the second."""
    quarter = max(1, len(weights) // 4)
    return mean(weights[-quarter:]) / mean(weights[quarter : 2 * quarter] or weights)


def _measured(system: System, bench: Workbench, batch: int) -> Measured:
    """Measure the maximum rate, and then the memory at that rate."""
    most = load_flow(system, bench.size.baseline_singles // BATCH * BATCH, batch).rate_end_to_end
    with Scales(system, ("api", "worker")) as scales:
        flow = load_flow(system, round(most * bench.size.weighed / BATCH) * BATCH, batch)
    figures = {
        name: figure
        for kind, weights in scales.weights.items()
        for name, figure in ((kind, max(weights)), (f"{kind} growth", growth(weights)))
    }
    return Measured(figures, flow.events, flow.cpu, flow.remarks)


def _one(bench: Workbench) -> Sequence[str]:
    return [bench.receiver.url()]


def _many(bench: Workbench) -> Sequence[str]:
    return bench.receiver.urls(bench.size.hosts)


def _scenario(name: str, to_whom: str, urls: Callable[[Workbench], Sequence[str]]) -> Scenario:
    def ours(bench: Workbench) -> Measured:
        with bench.ringback(urls(bench)) as system:
            return _measured(system, bench, BATCH)

    def baseline(bench: Workbench) -> Measured:
        with bench.baseline(urls(bench)) as system:
            return _measured(system, bench, 1)

    return Scenario(
        name,
        f"Resident memory of the largest process at full load, {to_whom}, and how many times as much in the end.",
        {Side.OURS: ours, Side.BASELINE: baseline},
        [
            Figure("api", "MB", [at_most(120)]),
            Figure("api growth", "x", [at_most(_FLAT)]),
            Figure("worker", "MB", [at_most(150)]),
            Figure("worker growth", "x", [at_most(_FLAT)]),
        ],
    )


MEMORY = _scenario("memory", "to one receiver", _one)
MEMORY_SPREAD = _scenario("memory-spread", "to many hosts", _many)
