"""How large a run is: with the product's real deadline, or short enough for the test suite."""

from __future__ import annotations

import os
from dataclasses import dataclass

from zoo.behaviour import ALLOWED
from zoo.verdict import Terms

#: Calls at the same time to one port. A worker may be gentle with a destination that makes it wait.
CALLS_PER_DOOR = 10


@dataclass(frozen=True)
class Size:
    """The numbers of a run.

    Attributes:
        timeout: seconds that a call may take.
        slack: seconds that an attempt may take beyond that; more where a crowded machine is no failure.
        calls: at the same time, to each behaviour.
        stacks: how many behaviours are called side by side, each by a Ringback of its own.
    """

    timeout: float
    slack: float
    calls: int
    stacks: int

    @property
    def doors(self) -> int:
        """Ports of each behaviour."""
        return -(-self.calls // CALLS_PER_DOOR)

    @property
    def terms(self) -> Terms:
        """What is promised under these numbers."""
        return Terms(self.timeout, self.slack, self.calls)

    @property
    def settings(self) -> dict[str, str]:
        """Return the environment variables that make it so; retries come when all is over."""
        return {
            "WEBHOOKS_TIMEOUT": f"{self.timeout:g}",
            "WEBHOOKS_RETRY_DELAYS": "86400",
            "WEBHOOKS_ALLOWED_NETWORKS": f"{ALLOWED}/32",
        }


_STACKS = (os.cpu_count() or 1) + 2
LONG = Size(timeout=10, slack=0.5, calls=100, stacks=_STACKS)
QUICK = Size(timeout=3, slack=1.5, calls=10, stacks=_STACKS)
