"""Delivering a backlog: events that were accepted while the workers were frozen."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from harness.bench.bare_limit import Order
from harness.bench.flow import Flow, backlog_flow
from harness.bench.numbers import rate
from harness.bench.scenario import Figure, Measured, Scenario, Side, at_least
from harness.bench.sending import post_bare
from harness.bench.workbench import Workbench

RATE = "rate"
#: The events in a request, where they only have to be accepted quickly.
BATCH = 100
#: The calls in flight of the bare limit; more do not make it quicker.
_LIMIT_CONNECTIONS = 32

Urls = Callable[[Workbench], Sequence[str]]


def one_host(bench: Workbench) -> Sequence[str]:
    """Return the URL of the one receiver."""
    return [bench.receiver.url()]


def _many_hosts(bench: Workbench) -> Sequence[str]:
    return bench.receiver.urls(bench.size.hosts)


def measured(flow: Flow) -> Measured:
    """Return the rate of delivering a backlog, and its CPU time."""
    return Measured({RATE: flow.rate_of_calls}, flow.events, flow.cpu, flow.remarks)


def _ours(bench: Workbench, urls: Urls) -> Measured:
    with bench.ringback(urls(bench)) as system:
        return measured(backlog_flow(system, bench.size.backlog, BATCH))


def _baseline(bench: Workbench, urls: Urls) -> Measured:
    with bench.baseline(urls(bench)) as system:
        return measured(backlog_flow(system, bench.size.baseline_backlog, 1))


def backlog_at_bare_limit(bench: Workbench, urls: Urls) -> Measured:
    """Measure the bare limit: the same calls, and nothing else."""
    receiver = bench.receiver
    calls, before = receiver.calls(), receiver.cpu_seconds()
    order = Order(urls(bench), receiver.address, str(receiver.authority), bench.size.backlog, _LIMIT_CONNECTIONS)
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
        Side.OURS: lambda bench: _ours(bench, one_host),
        Side.BASELINE: lambda bench: _baseline(bench, one_host),
        Side.LIMIT: lambda bench: backlog_at_bare_limit(bench, one_host),
    },
    [Figure(RATE, "events/s", [at_least(10, Side.BASELINE), at_least(0.35, Side.LIMIT)])],
)
SPREAD = Scenario(
    "spread",
    "A backlog is delivered to many hosts.",
    {
        Side.OURS: lambda bench: _ours(bench, _many_hosts),
        Side.BASELINE: lambda bench: _baseline(bench, _many_hosts),
        Side.LIMIT: lambda bench: backlog_at_bare_limit(bench, _many_hosts),
    },
    [Figure(RATE, "events/s", [at_least(8, Side.BASELINE)])],
)
