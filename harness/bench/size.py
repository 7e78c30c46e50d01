"""How much is measured: enough to trust the figures, or little enough to see that all works."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Size:
    """The numbers of a run. The baseline is given less where it would take minutes; its rate is a steady one.

    Attributes:
        rounds: how often each scenario is measured.
        backlog: events that wait for the workers, and that the bare limit sends.
        baseline_backlog: the same of the baseline.
        hosts: destinations, where there are many.
        singles: events that are sent one by one, as fast as they are taken.
        baseline_singles: the same of the baseline.
        batched: events that are sent 100 at a time.
        steady: seconds of a load at a steady rate.
        retrying: seconds of the load of which a part fails.
        delays: seconds from a failed attempt to the next.
        timeout: seconds that a call may take, where some receivers hang.
        stored: finished deliveries that are there already.
        stored_webhooks: webhooks that are there already.
        weighed: seconds of full load in which memory is watched.
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


FULL = Size(
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
QUICK = Size(
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
