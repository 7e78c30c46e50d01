"""The catalogue of scenarios."""

from __future__ import annotations

from collections.abc import Mapping

from bench.scenario import Scenario
from bench.scenarios.backlog import BACKLOG, SPREAD
from bench.scenarios.end_to_end import BATCHED, SINGLES
from bench.scenarios.hanging import SCENARIO as HANGING
from bench.scenarios.latency import BUSY, CALM
from bench.scenarios.memory import MEMORY, MEMORY_SPREAD
from bench.scenarios.processes import APIS, WORKERS
from bench.scenarios.retries import SCENARIO as RETRIES
from bench.scenarios.stored import SCENARIO as STORED

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
