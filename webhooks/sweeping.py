"""Sweeping: publishing again what is overdue, and in time what was scheduled far ahead."""

from __future__ import annotations

import math
from collections import defaultdict

from webhooks.ledger import Ledger, Ring

#: Seconds between two sweeps; each looks that far ahead, so that a scheduled delivery is called on time.
INTERVAL = 1.0
#: How many ids one sweep publishes at most; what is left waits for the next.
LIMIT = 5_000


class Sweeping:
    """What makes a Celery message a mere hint: an id whose message was lost is published again."""

    def __init__(self, ledger: Ledger, ring: Ring) -> None:
        self._ledger = ledger
        self._ring = ring

    def sweep(self) -> int:
        """Publish the ids whose alarm rings before the next sweep; returns how many there were."""
        alarms = self._ledger.alarms(LIMIT, ahead=INTERVAL)
        waits: dict[float, list[str]] = defaultdict(list)
        for alarm in alarms:
            # Up to a tenth of a second late, never early, so that many share a message.
            waits[math.ceil(alarm.wait * 10) / 10].append(alarm.hook_id)
        for wait, hook_ids in waits.items():
            self._ring(hook_ids, wait)
        return len(alarms)
