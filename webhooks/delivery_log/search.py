"""Searching a list of deliveries, a bounded part of it at a time, whatever the filter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from webhooks.delivery_log.entries import Cursor, DeliveryRecord, DeliveryRecords, LogFilter, Span
from webhooks.errors import UnknownDelivery

#: Records that one step reads.
MAX_READ = 50
#: Deliveries that one step passes when only those of an action match: the list has their actions.
MAX_PASSED = 1_000


@dataclass(frozen=True)
class SearchResult:
    """What one step of a search has found.

    Attributes:
        found: the matching deliveries in order, each with its cursor.
        end: the cursor at which the step ended; None at the end of the list.
        passed: how many deliveries of the list it has passed.
        characters: of all payloads that it has read, matching or not.
    """

    found: Sequence[tuple[Cursor, DeliveryRecord]]
    end: Cursor | None
    passed: int
    characters: int


def record_of(records: DeliveryRecords, account: str, hook_id: str) -> DeliveryRecord:
    """Return the record of an account's delivery.

    Raises:
        UnknownDelivery: there is none with this hookId, or it is another account's.
    """
    record = records.find(hook_id)
    if record is None or record.delivery.account != account:
        raise UnknownDelivery
    return record


def search(
    records: DeliveryRecords,
    span: Span,
    log_filter: LogFilter,
    after: Cursor | None = None,
    *,
    oldest_first: bool = False,
) -> SearchResult:
    """Make one step of a search through a span; the newest deliveries come first unless `oldest_first`.

    Args:
        after: the cursor at which the previous step ended; None for the first step.
    """
    limit = MAX_READ if log_filter.action is None else MAX_PASSED
    entries = records.list_deliveries(span, after, limit + 1, oldest_first=oldest_first)
    passed = entries[:limit]
    candidates = [one for one in passed if log_filter.action in {None, one.action}]
    if len(candidates) > MAX_READ:
        candidates = candidates[:MAX_READ]
        passed = candidates
    read = records.read([one.hook_id for one in candidates])
    found = [
        (one.cursor, record)
        for one, record in zip(candidates, read, strict=True)
        if record is not None and record.delivery.account == span.account and log_filter.matches(record.delivery)
    ]
    end = passed[-1].cursor if len(entries) > len(passed) else None
    return SearchResult(found, end, len(passed), sum(len(record.payload) for record in read if record is not None))
