"""The length of a run: with the product's real settings, or short enough for the test suite."""

from __future__ import annotations

from dataclasses import dataclass

from harness.chaos.receiver import HOPELESS
from harness.chaos.verdict import Terms
from webhooks.deliveries.claimer import LEASE_MARGIN


@dataclass(frozen=True)
class ChaosSize:
    """The seconds and numbers of a run.

    Attributes:
        timeout: the timeout of a call.
        delays: from a failed attempt to the next.
        rate: events per second.
        rounds: how often each fault is injected.
        before: seconds of load before the first round.
        gap: seconds of load before each round, from and to.
        after: seconds of load after the last round.
        quiet: the longest time until everything has ended after the load.
        outage: seconds of an outage of Redis.
        cuts: seconds for which a worker is cut off, a short and a long time.
        backlog: the events that wait for the workers.
        lenient: whether delays may be longer on a slow machine, by the speed that is measured meanwhile.
    """

    timeout: float
    delays: tuple[float, ...]
    rate: float
    rounds: int
    before: float
    gap: tuple[float, float]
    after: float
    quiet: float
    outage: float
    cuts: tuple[float, float]
    backlog: int
    lenient: bool

    @property
    def terms(self) -> Terms:
        """What is promised with these settings."""
        return Terms(self.delays, self.timeout + LEASE_MARGIN, HOPELESS)

    @property
    def settings(self) -> dict[str, str]:
        """Return the environment variables for these settings."""
        return {
            "WEBHOOKS_TIMEOUT": f"{self.timeout:g}",
            "WEBHOOKS_RETRY_DELAYS": ",".join(f"{delay:g}" for delay in self.delays),
        }


LONG = ChaosSize(
    timeout=10,
    delays=(5, 30),
    rate=15,
    rounds=3,
    before=5,
    gap=(5, 10),
    after=10,
    quiet=180,
    outage=30,
    cuts=(10, 60),
    backlog=100_000,
    lenient=False,
)
QUICK = ChaosSize(
    timeout=2,
    delays=(0.5, 1),
    rate=10,
    rounds=1,
    before=1,
    gap=(0.2, 1),
    after=1.5,
    quiet=45,
    outage=4,
    cuts=(3, 8),
    backlog=500,
    lenient=True,
)
