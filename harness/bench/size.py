"""How much is measured: enough for reliable figures, or little enough for a quick check."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class BenchSize:
    """The numbers of a run. The baseline gets less where it would take minutes, as its rate is constant.

    Attributes:
        rounds: how often each scenario is measured.
        backlog: the events that wait for the workers, and that the bare limit sends.
        baseline_backlog: the same for the baseline.
        hosts: the number of hosts, where there are many.
        singles: the events that are sent one by one, as fast as they are accepted.
        baseline_singles: the same for the baseline.
        batched: the events that are sent 100 at a time.
        steady: seconds of a load at a steady rate.
        retrying: seconds of the load of which a part fails.
        delays: seconds from a failed attempt to the next.
        timeout: the timeout of a call in seconds, where some receivers hang.
        stored: the number of stored ended deliveries.
        stored_webhooks: the number of stored webhooks.
        weighed: seconds of full load during which memory is measured.
    """

    rounds: int
    backlog: int
    baseline_backlog: int
    hosts: int
    singles: int
    baseline_singles: int
    batched: int
    steady: float
    retrying: float
    delays: tuple[float, float]
    timeout: float
    stored: int
    stored_webhooks: int
    weighed: float


FULL = BenchSize(
    rounds=3,
    backlog=50_000,
    baseline_backlog=8_000,
    hosts=1_000,
    singles=6_000,
    baseline_singles=3_000,
    batched=30_000,
    steady=15,
    retrying=20,
    delays=(5, 30),
    timeout=10,
    stored=1_000_000,
    stored_webhooks=100_000,
    weighed=20,
)
QUICK = BenchSize(
    rounds=1,
    backlog=5_000,
    baseline_backlog=800,
    hosts=100,
    singles=1_500,
    baseline_singles=500,
    batched=3_000,
    steady=2.5,
    retrying=2,
    delays=(1, 2),
    timeout=1,
    stored=100_000,
    stored_webhooks=10_000,
    weighed=3,
)
