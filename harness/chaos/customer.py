"""The customer: an account whose profiles lead to the receiver's paths, and who reads the delivery log."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import requests

from harness.chaos.records import Logged, LoggedAttempt
from harness.customer import Customer

THREADS = 4
_PAUSE = 0.25


class Reader(Customer):
    """The customer, who reads the log of many events."""

    def log(self, hook_ids: Collection[str], deadline: float) -> dict[str, Logged]:
        """Return the log of these events when all have ended, or after `deadline` seconds."""
        end = time.monotonic() + deadline
        log: dict[str, Logged] = {}
        waiting: Sequence[str] = list(hook_ids)
        with ThreadPoolExecutor(THREADS) as pool:
            while True:
                is_last = time.monotonic() > end  # requests that timed out are repeated
                log |= zip(waiting, pool.map(self._logged, waiting), strict=True)
                waiting = [hook_id for hook_id in waiting if not log[hook_id].ended]
                if not waiting or is_last:
                    return log
                time.sleep(_PAUSE)

    def _logged(self, hook_id: str) -> Logged:
        try:
            found = self.delivery(hook_id)
        except requests.RequestException:
            return Logged("unknown")
        attempts = tuple(
            LoggedAttempt(
                number=one["attempt"],
                at=datetime.fromisoformat(one["at"]).timestamp(),
                retry=one["retry"],
                interrupted=one["error"] == "interrupted",
            )
            for one in found["attempts"]
        )
        return Logged(found["state"], attempts)
