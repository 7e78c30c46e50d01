"""The sweep: once a second, publish the ids of deliveries that are overdue, deferred, or due soon."""

from __future__ import annotations

from collections.abc import Callable, Collection

from webhooks.deliveries.ledger import Ledger
from webhooks.deliveries.wakeup import PublishIds, publish_grouped

#: Seconds between two sweeps. Each looks that far ahead, so that a scheduled delivery is called on time.
INTERVAL = 1.0
#: The maximum number of ids of either kind that one sweep publishes; the next sweep continues.
LIMIT = 5_000


class Sweep:
    """Publishes ids again whose messages may have been lost. So a Celery message is only a hint.

    Args:
        long_lanes: returns the lanes with many messages. Publishing their ids again would make them longer still.
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
