"""Limits of polling: how often, how many feeds at the same time, and how long a poll may take."""

from __future__ import annotations

from dataclasses import dataclass

from webhooks.feeds.fetch import MAX_REDIRECTS

#: Seconds from one search for due feeds to the next.
TICK = 1.0
#: The maximum number of feeds that a process polls at the same time: each may take `MAX_FEED_BYTES` of memory.
MAX_IN_FLIGHT = 20
#: The maximum number of these for one account: if none of its feeds responds, most slots are left for other
#: accounts.
MAX_OF_ACCOUNT = MAX_IN_FLIGHT // 4
#: Seconds without polls after one failed for lack of open files, memory or processes.
PAUSE_AFTER_SHORTAGE = 10.0
#: Seconds that the three storage steps at the end of a poll may take, with the slowest Redis that is tolerated.
STORE_SECONDS = 3.0


@dataclass(frozen=True)
class PollingLimits:
    """How feeds are polled.

    Attributes:
        interval: seconds from one poll to the next.
        timeout: seconds that one call may take.
        reading: seconds that reading one feed may take.
    """

    interval: float
    timeout: float
    reading: float

    @property
    def lease(self) -> float:
        """Seconds that a poll may take: all of its calls, then reading all other feeds first, then its own."""
        return (1 + MAX_REDIRECTS) * self.timeout + MAX_IN_FLIGHT * (self.reading + STORE_SECONDS)
