"""Events are sent as fast as they are accepted, and delivered at the same time."""

from __future__ import annotations

from harness.bench.flow import Flow, load_flow
from harness.bench.scenario import Figure, Measured, Scenario, Side, at_least
from harness.bench.scenarios.backlog import BATCH, RATE
from harness.bench.workbench import Workbench


def _measured(flow: Flow) -> Measured:
    return Measured({RATE: flow.rate_end_to_end}, flow.events, flow.cpu, flow.remarks)


def _ours_singles(bench: Workbench) -> Measured:
    with bench.ringback([bench.receiver.url()]) as system:
        return _measured(load_flow(system, bench.size.singles))


def _ours_batched(bench: Workbench) -> Measured:
    with bench.ringback([bench.receiver.url()]) as system:
        return _measured(load_flow(system, bench.size.batched, BATCH))


def _baseline(bench: Workbench) -> Measured:
    with bench.baseline([bench.receiver.url()]) as system:
        return _measured(load_flow(system, bench.size.baseline_singles))


SINGLES = Scenario(
    "singles",
    "Events are sent one by one and delivered.",
    {Side.OURS: _ours_singles, Side.BASELINE: _baseline},
    [Figure(RATE, "events/s", [at_least(5, Side.BASELINE)])],
)
BATCHED = Scenario(
    "batched",
    "Events are sent 100 at a time and delivered; by the baseline, which has no batches, one by one.",
    {Side.OURS: _ours_batched, Side.BASELINE: _baseline},
    [Figure(RATE, "events/s", [at_least(12, Side.BASELINE)])],
)
