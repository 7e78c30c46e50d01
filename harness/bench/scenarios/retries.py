"""The delay of retries, under a load of which a part fails."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.bench.calls import LoggedCall
from harness.bench.flow import PATIENCE, spent
from harness.bench.numbers import percentile
from harness.bench.scenario import Figure, Measured, Scenario, Side, at_most
from harness.bench.workbench import Workbench

#: Events per second, and how many of ten go to a receiver that always fails.
RATE, FAILING_OF_TEN = 500, 1


def _ours(bench: Workbench) -> Measured:
    size = bench.size
    settings = {"WEBHOOKS_RETRY_DELAYS": ",".join(f"{delay:g}" for delay in size.delays)}
    urls = [bench.receiver.url()] * (10 - FAILING_OF_TEN) + [bench.receiver.url("failing")] * FAILING_OF_TEN
    with bench.ringback(urls, settings) as system:
        calls, before = bench.receiver.calls(), system.cpu_seconds()
        sent = system.send(round(RATE * size.retrying), rate=RATE)
        failing = [hook_id for index, hook_id in enumerate(sent.hook_ids) if index % 10 >= 10 - FAILING_OF_TEN]
        calls.wait_for(sorted(set(sent.hook_ids) - set(failing)), PATIENCE)
        attempts = calls.wait_for(failing, max(size.delays) + PATIENCE, attempts=len(size.delays) + 1)
        cpu = spent(before, system.cpu_seconds())
    late = [lateness(attempts, number, delay) for number, delay in enumerate(size.delays, 1)]
    figures = {
        f"retry {number} p{percent}": percentile(seconds, percent) * 1000
        for number, seconds in enumerate(late, 1)
        for percent in (50, 99)
    }
    return Measured(figures, len(sent.hook_ids), {**cpu, "load": sent.cpu})


def lateness(attempts: Iterable[LoggedCall], number: int, delay: float) -> Sequence[float]:
    """Return the lateness in seconds of each attempt after number `number`, which is due `delay` seconds later."""
    moments = {(call.hook_id, call.attempt): call.arrived for call in attempts}
    return [
        arrived - moments[hook_id, number] - delay
        for (hook_id, attempt), arrived in moments.items()
        if attempt == number + 1
    ]


SCENARIO = Scenario(
    "retries",
    f"How late retries are, at {RATE} events/s of which {FAILING_OF_TEN} in 10 fails.",
    {Side.OURS: _ours},
    [
        Figure("retry 1 p50", "ms"),
        Figure("retry 1 p99", "ms", [at_most(300)]),
        Figure("retry 2 p50", "ms"),
        Figure("retry 2 p99", "ms", [at_most(300)]),
    ],
)
