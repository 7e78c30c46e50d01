"""The time from sending an event to its arrival at the receiver, at a steady rate."""

from __future__ import annotations

from harness.bench.flow import load_flow
from harness.bench.numbers import percentile
from harness.bench.scenario import Figure, Measured, Scenario, Side, at_most
from harness.bench.system import System
from harness.bench.workbench import Workbench

#: Events per second that are a light load for every system.
CALM_RATE = 200


def _ours(bench: Workbench) -> Measured:
    with bench.ringback([bench.receiver.url()]) as system:
        return _steady(system, bench, CALM_RATE)


def _baseline(bench: Workbench) -> Measured:
    with bench.baseline([bench.receiver.url()]) as system:
        return _steady(system, bench, CALM_RATE)


def _ours_at_half(bench: Workbench) -> Measured:
    """Measure the maximum rate, and send half of it."""
    with bench.ringback([bench.receiver.url()]) as system:
        most = load_flow(system, bench.size.singles).rate_end_to_end
        return _steady(system, bench, most / 2)


def _steady(system: System, bench: Workbench, rate: float) -> Measured:
    flow = load_flow(system, round(rate * bench.size.steady), rate=rate)
    latencies = flow.latencies
    return Measured(
        {"p50": percentile(latencies, 50), "p99": percentile(latencies, 99), "offered": rate},
        flow.events,
        flow.cpu,
        flow.remarks,
    )


CALM = Scenario(
    "latency",
    f"An event is sent and arrives, at {CALM_RATE} events/s.",
    {Side.OURS: _ours, Side.BASELINE: _baseline},
    [
        Figure("p50", "ms", [at_most(10), at_most(1, Side.BASELINE)]),
        Figure("p99", "ms", [at_most(50), at_most(1, Side.BASELINE)]),
    ],
)
BUSY = Scenario(
    "latency-at-half",
    "The same at half of what can be sent one by one and delivered.",
    {Side.OURS: _ours_at_half},
    [Figure("p50", "ms"), Figure("p99", "ms", [at_most(100)]), Figure("offered", "events/s")],
)
