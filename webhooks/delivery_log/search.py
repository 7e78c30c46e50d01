"""Looking for deliveries in a list, a bounded part of it at a time, whatever is looked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from webhooks.delivery_log.entries import Place, Record, Records, Span, Wanted
from webhooks.errors import UnknownDelivery

#: Records that one look reads.
MOST_READ = 50
#: Deliveries that one look comes by when only those of an action are wanted: the list tells their action.
MOST_PASSED = 1_000


@dataclass(frozen=True)
class Look:
    """What one look at a part of a list has found.

    Attributes:
        found: what was looked for, in order, and where it stands.
        end: where the look has ended; None when there is nothing beyond.
        passed: how many deliveries of the list it has come by.
        letters: of the payloads that were read, whether they were looked for or not.
    """

    found: Sequence[tuple[Place, Record]]
    end: Place | None
    passed: int
    letters: int


def record_of(records: Records, account: str, hook_id: str) -> Record:
    """Return the record of an account's delivery.

    Raises:
        UnknownDelivery: there is none by this hookId, or it is another account's.
    """
    record = records.find(hook_id)
    if record is None or record.delivery.account != account:
        raise UnknownDelivery
    return record


def look(
    records: Records, span: Span, wanted: Wanted, after: Place | None = None, *, oldest_first: bool = False
) -> Look:
    """Look at the next deliveries of a span, the newest first unless told otherwise.

    Args:
        after: where the look before this one ended; None for the first.
    """
    most = MOST_READ if wanted.action is None else MOST_PASSED
    listed = records.listed(span, after, most + 1, oldest_first=oldest_first)
    passed = listed[:most]
    candidates = [one for one in passed if wanted.action in {None, one.action}]
    if len(candidates) > MOST_READ:
        candidates = candidates[:MOST_READ]
        passed = candidates
    read = records.read([one.hook_id for one in candidates])
    found = [
        (one.place, record)
        for one, record in zip(candidates, read, strict=True)
        if record is not None and record.delivery.account == span.account and wanted.takes(record.delivery)
    ]
    end = passed[-1].place if len(listed) > len(passed) else None
    return Look(found, end, len(passed), sum(len(record.payload) for record in read if record is not None))
