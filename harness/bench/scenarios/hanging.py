"""The cost of unresponsive receivers to the others."""

from __future__ import annotations

from collections.abc import Sequence

from harness.bench.flow import PATIENCE
from harness.bench.numbers import percentile, rate
from harness.bench.ringback import Ringback
from harness.bench.scenario import Figure, Measured, Scenario, Side, at_least, at_most
from harness.bench.scenarios.latency import CALM_RATE
from harness.bench.sending import Sent
from harness.bench.workbench import Workbench

#: The unresponsive receivers, each of which gets one of a hundred events and belongs to its own account. All other
#: events go to one healthy receiver.
HANGING = 10


def _with_them(bench: Workbench) -> Measured:
    with _system(bench) as system:
        hosts = bench.receiver.urls(HANGING, "hanging")
        hanging = [system.other_account([url])[0] for url in hosts]
        healthy = system.ref_ids[0]
        return _measured(system, bench, [ref_id for one in hanging for ref_id in (*[healthy] * 9, one)])


def _without_them(bench: Workbench) -> Measured:
    with _system(bench) as system:
        return _measured(system, bench, [system.ref_ids[0]] * (100 - HANGING))


def _system(bench: Workbench) -> Ringback:
    return bench.ringback([bench.receiver.url()], {"WEBHOOKS_TIMEOUT": f"{bench.size.timeout:g}"})


def _measured(system: Ringback, bench: Workbench, hundred: Sequence[str]) -> Measured:
    """Measure the healthy events: their latency at a steady rate, then their rate at full load.

    Args:
        hundred: the profiles of a hundred events, or of fewer without the unresponsive receivers.
    """
    size = bench.size
    seconds = _steadily(system, hundred, round(size.steady * CALM_RATE / 100))
    return Measured(
        {
            "p95": percentile(seconds, 95) * 1000,
            "rate": _at_once(system, hundred, size.batched // 100),
        }
    )


def _steadily(system: Ringback, hundred: Sequence[str], times: int) -> Sequence[float]:
    """Send events one by one, and return the latency of each healthy one; the others are known to hang by then."""
    calls = system.target.receiver.calls()
    sent = system.send(len(hundred) * times, 1, CALM_RATE * len(hundred) / 100, hundred)
    healthy, hanging = _told_apart(system, sent, hundred)
    taken = calls.wait_for(healthy, PATIENCE)
    calls.wait_for(hanging[:HANGING], PATIENCE, attempts=1)
    return [call.arrived - healthy[call.hook_id] for call in taken]


def _at_once(system: Ringback, hundred: Sequence[str], times: int) -> float:
    """Send a hundred in each request, and return the rate of arrivals of healthy events."""
    calls = system.target.receiver.calls()
    sent = system.send(len(hundred) * times, len(hundred), None, hundred)
    healthy, _ = _told_apart(system, sent, hundred)
    taken = calls.wait_for(healthy, PATIENCE)
    return rate(len(healthy), min(healthy.values()), max(call.arrived for call in taken))


def _told_apart(system: Ringback, sent: Sent, hundred: Sequence[str]) -> tuple[dict[str, float], list[str]]:
    """Return the send times of the healthy events by hookId, and the hookIds of the others."""
    healthy, hanging = {}, []
    for number, (hook_id, moment) in enumerate(zip(sent.hook_ids, sent.moments, strict=True)):
        if hundred[number % len(hundred)] == system.ref_ids[0]:
            healthy[hook_id] = moment
        else:
            hanging.append(hook_id)
    return healthy, hanging


SCENARIO = Scenario(
    "hanging",
    f"{HANGING} % of the events go to receivers that hang; figures of the others, otherwise without them.",
    {Side.OURS: _with_them, Side.OTHERWISE: _without_them},
    [
        Figure("p95", "ms", [at_most(2, Side.OTHERWISE)]),
        Figure("rate", "events/s", [at_least(0.8, Side.OTHERWISE)]),
    ],
)
