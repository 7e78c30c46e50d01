"""The catalogue of scenarios."""

from __future__ import annotations

from collections.abc import Mapping

from harness.bench.scenario import Scenario
from harness.bench.scenarios.backlog import BACKLOG, SPREAD
from harness.bench.scenarios.end_to_end import BATCHED, SINGLES
from harness.bench.scenarios.hanging import SCENARIO as HANGING
from harness.bench.scenarios.latency import BUSY, CALM
from harness.bench.scenarios.memory import MEMORY, MEMORY_SPREAD
from harness.bench.scenarios.processes import APIS, WORKERS
from harness.bench.scenarios.retries import SCENARIO as RETRIES
from harness.bench.scenarios.stored import SCENARIO as STORED

_ALL = (
    BACKLOG,
    SPREAD,
    SINGLES,
    BATCHED,
    CALM,
    BUSY,
    HANGING,
    RETRIES,
    STORED,
    MEMORY,
    MEMORY_SPREAD,
    WORKERS,
    APIS,
)
SCENARIOS: Mapping[str, Scenario] = {scenario.name: scenario for scenario in _ALL}
