"""How large a run is: with the product's real deadline, or short enough for the test suite."""

from __future__ import annotations

import os
from dataclasses import dataclass

from harness.zoo.behaviour import ALLOWED
from harness.zoo.verdict import Terms

#: Calls at the same time to one port. A worker may be gentle with a destination that makes it wait.
CALLS_PER_DOOR = 10
#: Seconds that an attempt may take beyond its deadline on a machine that is quick.
SLACK = 0.5


@dataclass(frozen=True)
class Size:
    """The numbers of a run.

    Attributes:
        timeout: seconds that a call may take.
        lenient: whether an attempt may take longer on a slow machine, by what is measured meanwhile.
        calls: at the same time, to each behaviour.
        stacks: how many behaviours are called side by side, each by a Ringback of its own.
    """

    timeout: float
    lenient: bool
    calls: int
    stacks: int

    @property
    def doors(self) -> int:
        """Ports of each behaviour."""
        return -(-self.calls // CALLS_PER_DOOR)

    def terms(self, slack: float) -> Terms:
        """Return what is promised under these numbers.

        Args:
            slack: seconds that the machine may add, where it may.
        """
        return Terms(self.timeout, SLACK + (slack if self.lenient else 0.0), self.calls)

    @property
    def settings(self) -> dict[str, str]:
        """Return the environment variables that make it so; retries come when all is over."""
        return {
            "WEBHOOKS_TIMEOUT": f"{self.timeout:g}",
            "WEBHOOKS_RETRY_DELAYS": "86400",
            "WEBHOOKS_ALLOWED_NETWORKS": f"{ALLOWED}/32",
        }


_STACKS = (os.cpu_count() or 1) + 2
LONG = Size(timeout=10, lenient=False, calls=100, stacks=_STACKS)
QUICK = Size(timeout=3, lenient=True, calls=10, stacks=_STACKS)
