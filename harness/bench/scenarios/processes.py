"""The gain of a second process of a kind; on two cores it shares these with everything else."""

from __future__ import annotations

from harness.bench.flow import PATIENCE, backlog_flow, spent
from harness.bench.numbers import rate
from harness.bench.scenario import Figure, Measured, Scenario, Side
from harness.bench.scenarios.backlog import BATCH, RATE, backlog_at_bare_limit, measured, one_host
from harness.bench.workbench import Workbench


def _deliver(bench: Workbench, workers: int) -> Measured:
    with bench.ringback([bench.receiver.url()], workers=workers) as system:
        return measured(backlog_flow(system, bench.size.batched, BATCH))


def _accept(bench: Workbench, processes: int) -> Measured:
    """Measure how fast events are accepted one by one, while nothing is delivered."""
    settings = {"GUNICORN_CMD_ARGS": f"--workers={processes}"}
    with bench.ringback([bench.receiver.url()], settings) as system:
        calls = bench.receiver.calls()
        with system.workers_frozen():
            before = system.cpu_seconds()
            sent = system.send(bench.size.singles)
            cpu = spent(before, system.cpu_seconds())
        calls.wait_for(sent.hook_ids, PATIENCE)
    accepted = rate(len(sent.hook_ids), min(sent.moments), sent.ended)
    return Measured({RATE: accepted}, len(sent.hook_ids), {**cpu, "load": sent.cpu})


WORKERS = Scenario(
    "workers",
    "A backlog is delivered by two workers, otherwise by one.",
    {
        Side.OURS: lambda bench: _deliver(bench, 2),
        Side.OTHERWISE: lambda bench: _deliver(bench, 1),
        Side.LIMIT: lambda bench: backlog_at_bare_limit(bench, one_host),
    },
    [Figure(RATE, "events/s")],
)
APIS = Scenario(
    "apis",
    "Events are sent one by one to two processes of the API, otherwise to one, and not delivered yet.",
    {Side.OURS: lambda bench: _accept(bench, 2), Side.OTHERWISE: lambda bench: _accept(bench, 1)},
    [Figure(RATE, "events/s")],
)
