"""The size of a run: with the product's real timeout, or short enough for the test suite."""

from __future__ import annotations

import os
from dataclasses import dataclass

from harness.zoo.behaviour import ALLOWED
from harness.zoo.verdict import Terms

#: Concurrent calls to one port. A worker makes fewer calls to a destination that makes it wait.
CALLS_PER_DOOR = 10
#: Seconds that an attempt may take beyond its timeout on a quick machine.
SLACK = 0.5


@dataclass(frozen=True)
class ZooSize:
    """The numbers of a run.

    Attributes:
        timeout: the timeout of a call in seconds.
        lenient: whether an attempt may take longer on a slow machine, by the speed that is measured meanwhile.
        calls: the concurrent calls to each behaviour.
        stacks: the behaviours that are called concurrently, each by its own Ringback.
    """

    timeout: float
    lenient: bool
    calls: int
    stacks: int

    @property
    def ports(self) -> int:
        """The ports of each behaviour."""
        return -(-self.calls // CALLS_PER_DOOR)

    def terms(self, slack: float) -> Terms:
        """Return what is promised with these numbers.

        Args:
            slack: seconds that the machine may add, in a lenient run.
        """
        return Terms(self.timeout, SLACK + (slack if self.lenient else 0.0), self.calls)

    @property
    def settings(self) -> dict[str, str]:
        """Return the environment variables for these numbers; retries come when everything is over."""
        return {
            "WEBHOOKS_TIMEOUT": f"{self.timeout:g}",
            "WEBHOOKS_RETRY_DELAYS": "86400",
            "WEBHOOKS_ALLOWED_NETWORKS": f"{ALLOWED}/32",
        }


_STACKS = (os.cpu_count() or 1) + 2
LONG = ZooSize(timeout=10, lenient=False, calls=100, stacks=_STACKS)
QUICK = ZooSize(timeout=3, lenient=True, calls=10, stacks=_STACKS)
