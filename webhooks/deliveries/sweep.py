"""Sweeping: publishing again what is overdue or was deferred, and in time what was scheduled far ahead."""

from __future__ import annotations

from collections.abc import Callable, Collection

from webhooks.deliveries.ledger import Ledger
from webhooks.deliveries.wakeup import PublishIds, publish_grouped

#: Seconds between two sweeps; each looks that far ahead, so that a scheduled delivery is called on time.
INTERVAL = 1.0
#: How many ids of either kind one sweep publishes at most; what is left waits for the next.
LIMIT = 5_000


class Sweep:
    """What makes a Celery message a mere hint: an id whose message was lost is published again.

    Args:
        long_lanes: tells in which lanes many messages wait; publishing again what waits there makes them longer.
    """

    def __init__(
        self, ledger: Ledger, publish_ids: PublishIds, long_lanes: Callable[[], Collection[str]] = tuple
    ) -> None:
        self._ledger = ledger
        self._publish_ids = publish_ids
        self._long_lanes = long_lanes

    def sweep(self) -> int:
        """Publish ids that wake up before the next sweep, and ids that are resumed; returns how many."""
        wakeups = self._ledger.wakeups(LIMIT, INTERVAL, self._long_lanes())
        publish_grouped(self._publish_ids, wakeups)
        resumed = self._ledger.resume(LIMIT)
        publish_grouped(self._publish_ids, resumed)
        return len(wakeups) + len(resumed)
