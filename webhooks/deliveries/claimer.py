"""Claiming: wait for capacity, then claim the deliveries that are due."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from time import monotonic

import structlog

from webhooks.admission.capacity import CallCapacity
from webhooks.admission.thresholds import BULK_LEAVES_FREE, MAX_CALLS
from webhooks.deliveries.claim import Claim, Claimed, new_token
from webhooks.deliveries.ledger import Ledger
from webhooks.deliveries.wakeup import Lane, PublishIds, publish_grouped
from webhooks.runtime.retrying import PAUSE, retry_while_unavailable

#: Seconds that a lease outlives the deadline of its call, for signing before the call and recording after it.
LEASE_MARGIN = 5.0
#: Deliveries that are claimed in one step. Redis does nothing else meanwhile.
MAX_CLAIMED = 200

log = structlog.get_logger()


@dataclass(frozen=True)
class AttemptLimits:
    """How deliveries are attempted.

    Attributes:
        timeout: seconds that one exchange may take.
        retry_delays: seconds from a failed attempt to the next.
        in_flight: calls that one process makes at the same time.
        capacity_wait: seconds that the ids of a message wait for capacity. Those that get none are published again
            with the same delay, for a worker that has some.
        bulk_capacity_wait: the same for ids that came in bulk while other ids in bulk wait, so that they block at
            most one thread. Long enough where calls end quickly.
        storage_pause: seconds from one try to the next while storage is unavailable.
    """

    timeout: float
    retry_delays: tuple[float, ...]
    in_flight: int = MAX_CALLS
    capacity_wait: float = 1.0
    bulk_capacity_wait: float = 0.05
    storage_pause: float = PAUSE


class Claimer:
    """Claims deliveries, as many as there is capacity for. Any number of threads may use it.

    Args:
        publish_ids: publishes ids that this worker has no capacity for, or whose delivery is due a little later.
    """

    def __init__(
        self, ledger: Ledger, capacity: CallCapacity, publish_ids: PublishIds, limits: AttemptLimits
    ) -> None:
        self._ledger = ledger
        self._capacity = capacity
        self._publish_ids = publish_ids
        self._limits = limits
        self._bulk_waits = threading.Lock()
        self._stopping = threading.Event()

    def stop(self) -> None:
        """Claim nothing more. It returns at once and may be called in a signal handler."""
        self._stopping.set()

    def claim(self, hook_ids: Sequence[str], lane: Lane) -> Iterator[list[Claim]]:
        """Yield claims for the deliveries that are due, as soon as there is capacity for some of them.

        Each claim has acquired capacity, which the caller releases. Ids for which there is no capacity in time, or
        that are left when the worker stops, are published again.

        Args:
            lane: in which the ids came. Those in bulk leave capacity free for others.

        Raises:
            StorageUnavailable: storage is unavailable while the worker stops; the sweep will publish the ids
                again.
        """
        limits, left = self._limits, hook_ids
        deadline = monotonic() + limits.capacity_wait
        leaving = int(limits.in_flight * BULK_LEAVES_FREE) if lane is Lane.BULK else 0
        with self._capacity_wait(lane) as wait:
            while left and not self._stopping.is_set():
                timeout = min(wait, deadline - monotonic())
                count = self._capacity.acquire(min(len(left), MAX_CLAIMED), timeout, leaving)
                if not count:
                    break
                yield self._claim(left[:count])
                left = left[count:]
        if left:
            self._publish_ids(left, 0.0 if self._stopping.is_set() else limits.capacity_wait, lane)

    @contextmanager
    def _capacity_wait(self, lane: Lane) -> Iterator[float]:
        """Yield the seconds that ids of this lane wait for capacity."""
        limits = self._limits
        is_first = lane is Lane.BULK and self._bulk_waits.acquire(blocking=False)
        try:
            yield limits.capacity_wait if is_first or lane is Lane.EXPRESS else limits.bulk_capacity_wait
        finally:
            if is_first:
                self._bulk_waits.release()

    def _claim(self, hook_ids: Sequence[str]) -> list[Claim]:
        """Claim, and release the capacity of ids that cannot be claimed."""
        claims: list[Claim] = []
        try:
            claimed = self._ask(hook_ids)
            claims = claimed.claims
        finally:
            self._capacity.release(len(hook_ids) - len(claims))
        for hook_id in claimed.interrupted_too_often:
            log.error("delivery.interrupted_too_often", hook_id=hook_id)
        for hook_id in claimed.damaged:
            log.error("delivery.damaged", hook_id=hook_id)
        publish_grouped(self._publish_ids, claimed.early)
        return claims

    def _ask(self, hook_ids: Sequence[str]) -> Claimed:
        """Claim, and retry while storage is unavailable: it may have granted claims and failed to answer."""
        limits = self._limits
        claim = partial(self._ledger.claim, hook_ids, limits.timeout + LEASE_MARGIN, new_token())
        warn = partial(log.warning, "delivery.claim_retried", deliveries=len(hook_ids))
        return retry_while_unavailable(claim, self._stopping, warn, limits.storage_pause)
