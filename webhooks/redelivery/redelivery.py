"""A revival: a delivery that has ended is owed another round of attempts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from msgspec.structs import replace

from webhooks.deliveries.delivery import Attempt
from webhooks.deliveries.wakeup import WakeUp
from webhooks.delivery_log.entries import DeliveryRecord
from webhooks.http.call import Failure

#: A delivery that was attempted so often is not sent again: its log grows with each attempt.
MAX_ATTEMPTS = 100
#: Bytes of answers that are kept of all rounds before; as much as one round brings at most. The oldest go first.
MAX_KEPT_BYTES = 3 * 16 * 1024


@dataclass(frozen=True)
class Redelivery:
    """What is to be owed again.

    Attributes:
        made: how many attempts were made before; those that were interrupted are made again, so they do not count.
        attempts: its log so far.
    """

    record: DeliveryRecord
    made: int
    attempts: tuple[Attempt, ...]


class RedeliveryVerdict(StrEnum):
    """What the ledger made of a revival.

    `changed`: somebody else was quicker, and it does not stand as it was read. `unregistered`: the webhook that it
    went to is not there. `damaged`: it cannot be stored.
    """

    REVIVED = "revived"
    CHANGED = "changed"
    UNREGISTERED = "unregistered"
    DAMAGED = "damaged"


@dataclass(frozen=True)
class RedeliveryReceipt:
    """What became of a revival.

    Attributes:
        alarm: how its id must be published by whoever asked for it; None if not at all.
    """

    verdict: RedeliveryVerdict
    wakeup: WakeUp | None = None


def redelivery_of(record: DeliveryRecord) -> Redelivery | None:
    """Return the revival of a delivery that has ended; None if it was attempted too often for that."""
    attempts = record.delivery.attempts
    if len(attempts) >= MAX_ATTEMPTS:
        return None
    made = sum(attempt.outcome.failure is not Failure.INTERRUPTED for attempt in attempts)
    return Redelivery(record, made, _trimmed(attempts))


def _trimmed(attempts: Sequence[Attempt]) -> tuple[Attempt, ...]:
    """Return the attempts without the oldest of the answers, if they are too long together."""
    kept: list[Attempt] = []
    left = MAX_KEPT_BYTES
    for attempt in reversed(attempts):
        left -= len(attempt.outcome.body)
        kept.append(attempt if left >= 0 else replace(attempt, outcome=replace(attempt.outcome, body=b"")))
    return tuple(reversed(kept))
