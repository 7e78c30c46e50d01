"""Looking for deliveries in a list, a bounded part of it at a time, whatever is looked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from webhooks.delivery_log.entries import Cursor, DeliveryRecord, DeliveryRecords, LogFilter, Span
from webhooks.errors import UnknownDelivery

#: Records that one look reads.
MAX_READ = 50
#: Deliveries that one look comes by when only those of an action are wanted: the list tells their action.
MAX_PASSED = 1_000


@dataclass(frozen=True)
class SearchResult:
    """What one look at a part of a list has found.

    Attributes:
        found: what was looked for, in order, and where it stands.
        end: where the look has ended; None when there is nothing beyond.
        passed: how many deliveries of the list it has come by.
        letters: of the payloads that were read, whether they were looked for or not.
    """

    found: Sequence[tuple[Cursor, DeliveryRecord]]
    end: Cursor | None
    passed: int
    letters: int


def record_of(records: DeliveryRecords, account: str, hook_id: str) -> DeliveryRecord:
    """Return the record of an account's delivery.

    Raises:
        UnknownDelivery: there is none by this hookId, or it is another account's.
    """
    record = records.find(hook_id)
    if record is None or record.delivery.account != account:
        raise UnknownDelivery
    return record


def search(
    records: DeliveryRecords,
    span: Span,
    wanted: LogFilter,
    after: Cursor | None = None,
    *,
    oldest_first: bool = False,
) -> SearchResult:
    """Look at the next deliveries of a span, the newest first unless told otherwise.

    Args:
        after: where the look before this one ended; None for the first.
    """
    most = MAX_READ if wanted.action is None else MAX_PASSED
    listed = records.listed(span, after, most + 1, oldest_first=oldest_first)
    passed = listed[:most]
    candidates = [one for one in passed if wanted.action in {None, one.action}]
    if len(candidates) > MAX_READ:
        candidates = candidates[:MAX_READ]
        passed = candidates
    read = records.read([one.hook_id for one in candidates])
    found = [
        (one.place, record)
        for one, record in zip(candidates, read, strict=True)
        if record is not None and record.delivery.account == span.account and wanted.takes(record.delivery)
    ]
    end = passed[-1].place if len(listed) > len(passed) else None
    return SearchResult(found, end, len(passed), sum(len(record.payload) for record in read if record is not None))
