"""The gain of a second process of a kind; on two cores it shares these with everything else."""

from __future__ import annotations

from harness.bench.flow import PATIENCE, drained, spent
from harness.bench.ground import Ground
from harness.bench.numbers import rate
from harness.bench.scenario import Figure, Measured, Scenario, Side
from harness.bench.scenarios.backlog import BATCH, RATE, bare_limit, measured, one_host


def _deliver(ground: Ground, workers: int) -> Measured:
    with ground.ours([ground.receiver.url()], workers=workers) as system:
        return measured(drained(system, ground.size.batched, BATCH))


def _accept(ground: Ground, processes: int) -> Measured:
    """Measure how fast events are accepted one by one, while nothing is delivered."""
    settings = {"GUNICORN_CMD_ARGS": f"--workers={processes}"}
    with ground.ours([ground.receiver.url()], settings) as system:
        calls = ground.receiver.calls()
        with system.workers_frozen():
            before = system.cpu_seconds()
            sent = system.send(ground.size.singles)
            cpu = spent(before, system.cpu_seconds())
        calls.wait_for(sent.hook_ids, PATIENCE)
    accepted = rate(len(sent.hook_ids), min(sent.moments), sent.ended)
    return Measured({RATE: accepted}, len(sent.hook_ids), {**cpu, "load": sent.cpu})


WORKERS = Scenario(
    "workers",
    "A backlog is delivered by two workers, otherwise by one.",
    {
        Side.OURS: lambda ground: _deliver(ground, 2),
        Side.OTHERWISE: lambda ground: _deliver(ground, 1),
        Side.LIMIT: lambda ground: bare_limit(ground, one_host),
    },
    [Figure(RATE, "events/s")],
)
APIS = Scenario(
    "apis",
    "Events are sent one by one to two processes of the API, otherwise to one, and not delivered yet.",
    {Side.OURS: lambda ground: _accept(ground, 2), Side.OTHERWISE: lambda ground: _accept(ground, 1)},
    [Figure(RATE, "events/s")],
)
