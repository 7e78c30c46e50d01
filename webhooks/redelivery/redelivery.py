"""A redelivery: an ended delivery is owed another round of attempts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from msgspec.structs import replace

from webhooks.deliveries.delivery import Attempt
from webhooks.deliveries.wakeup import WakeUp
from webhooks.delivery_log.entries import DeliveryRecord
from webhooks.http.call import Failure

#: A delivery with this many attempts is not redelivered: its log grows with each attempt.
MAX_ATTEMPTS = 100
#: Bytes of answers that are kept of all earlier rounds: as many as of one round. The oldest are dropped first.
MAX_KEPT_BYTES = 3 * 16 * 1024


@dataclass(frozen=True)
class Redelivery:
    """A delivery that is to be owed again.

    Attributes:
        made: how many attempts were made before; interrupted attempts do not count, as they are made again.
        attempts: its log so far.
    """

    record: DeliveryRecord
    made: int
    attempts: tuple[Attempt, ...]


class RedeliveryVerdict(StrEnum):
    """What the ledger made of a redelivery.

    `changed`: the delivery has changed since it was read, as another caller was faster. `unregistered`: its
    webhook has been removed. `damaged`: it cannot be stored.
    """

    REDELIVERED = "revived"  # the value of the Lua script
    CHANGED = "changed"
    UNREGISTERED = "unregistered"
    DAMAGED = "damaged"


@dataclass(frozen=True)
class RedeliveryReceipt:
    """What became of a redelivery.

    Attributes:
        wakeup: how the caller must publish its id; None if it need not.
    """

    verdict: RedeliveryVerdict
    wakeup: WakeUp | None = None


def redelivery_of(record: DeliveryRecord) -> Redelivery | None:
    """Return the redelivery of an ended delivery; None if it was attempted too often."""
    attempts = record.delivery.attempts
    if len(attempts) >= MAX_ATTEMPTS:
        return None
    made = sum(attempt.outcome.failure is not Failure.INTERRUPTED for attempt in attempts)
    return Redelivery(record, made, _trimmed(attempts))


def _trimmed(attempts: Sequence[Attempt]) -> tuple[Attempt, ...]:
    """Return the attempts, without the oldest answers if all of them are too long together."""
    kept: list[Attempt] = []
    left = MAX_KEPT_BYTES
    for attempt in reversed(attempts):
        left -= len(attempt.outcome.body)
        kept.append(attempt if left >= 0 else replace(attempt, outcome=replace(attempt.outcome, body=b"")))
    return tuple(reversed(kept))
