"""Delivering a backlog: events that were accepted while the workers were frozen."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from harness.bench.flow import Flow, drained
from harness.bench.ground import Ground
from harness.bench.limit import Order
from harness.bench.numbers import rate
from harness.bench.scenario import Figure, Measured, Scenario, Side, at_least
from harness.bench.sending import post_bare

RATE = "rate"
#: The events in a request, where they only have to be accepted quickly.
BATCH = 100
#: The calls in flight of the bare limit; more do not make it quicker.
_LIMIT_CONNECTIONS = 32

Urls = Callable[[Ground], Sequence[str]]


def one_host(ground: Ground) -> Sequence[str]:
    """Return the URL of the one receiver."""
    return [ground.receiver.url()]


def _many_hosts(ground: Ground) -> Sequence[str]:
    return ground.receiver.urls(ground.size.hosts)


def measured(flow: Flow) -> Measured:
    """Return the rate of delivering a backlog, and its CPU time."""
    return Measured({RATE: flow.rate_of_calls}, flow.events, flow.cpu, flow.remarks)


def _ours(ground: Ground, urls: Urls) -> Measured:
    with ground.ours(urls(ground)) as system:
        return measured(drained(system, ground.size.backlog, BATCH))


def _baseline(ground: Ground, urls: Urls) -> Measured:
    with ground.baseline(urls(ground)) as system:
        return measured(drained(system, ground.size.baseline_backlog, 1))


def bare_limit(ground: Ground, urls: Urls) -> Measured:
    """Measure the bare limit: the same calls, and nothing else."""
    receiver = ground.receiver
    calls, before = receiver.calls(), receiver.cpu_seconds()
    order = Order(urls(ground), receiver.address, str(receiver.authority), ground.size.backlog, _LIMIT_CONNECTIONS)
    hook_ids, cpu = post_bare(order)
    moments = [call.arrived for call in calls.wait_for(hook_ids, patience=5)]
    return Measured(
        {RATE: rate(len(hook_ids), min(moments), max(moments))},
        len(hook_ids),
        {"worker": cpu, "receiver": receiver.cpu_seconds() - before},
    )


BACKLOG = Scenario(
    "backlog",
    "A backlog is delivered to one receiver.",
    {
        Side.OURS: lambda ground: _ours(ground, one_host),
        Side.BASELINE: lambda ground: _baseline(ground, one_host),
        Side.LIMIT: lambda ground: bare_limit(ground, one_host),
    },
    [Figure(RATE, "events/s", [at_least(10, Side.BASELINE), at_least(0.35, Side.LIMIT)])],
)
SPREAD = Scenario(
    "spread",
    "A backlog is delivered to many hosts.",
    {
        Side.OURS: lambda ground: _ours(ground, _many_hosts),
        Side.BASELINE: lambda ground: _baseline(ground, _many_hosts),
        Side.LIMIT: lambda ground: bare_limit(ground, _many_hosts),
    },
    [Figure(RATE, "events/s", [at_least(8, Side.BASELINE)])],
)
