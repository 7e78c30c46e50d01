"""Entries of a file handed in, each with a key of its run, and what became of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, TypeAlias

from webhooks_cli.event_files import Entry
from webhooks_cli.output import with_fields
from webhooks_client import Client, ClientError, Receipt, Rejection

#: As many as one call takes.
_BATCH = 1_000

Result: TypeAlias = tuple[Entry, Receipt | Rejection]


def sent(client: Client, entries: Iterator[Entry], run: str) -> Iterator[Result]:
    """Send the events a thousand at a time, and yield what became of each, in order.

    Args:
        client: the producers'.
        entries: what is no event is refused here.
        run: makes the idempotency keys, for events that have none. The same events sent again under the same
            run are known, for 24 hours, and none is stored twice.

    Raises:
        ClientError: sending broke off; what was known has been yielded.
    """
    while batch := list(islice(entries, _BATCH)):
        events = [_keyed(entry, run) for entry in batch if entry.event is not None]
        try:
            yield from _matched(batch, client.send_many(events))
        except ClientError as error:
            yield from _matched(batch, error.results)
            raise


def _matched(batch: Sequence[Entry], results: Sequence[Receipt | Rejection | None]) -> Iterator[Result]:
    """Yield the entries of a batch with what is known of each."""
    known = iter(results)
    for entry in batch:
        result = Rejection(entry.number, None, entry.problem) if entry.event is None else next(known)
        if result is not None:
            yield entry, result


def _keyed(entry: Entry, run: str) -> dict[str, Any]:
    return {"idempotencyKey": f"{run}-{entry.number}", **(entry.event or {})}


class Summary:
    """Counts what became of events."""

    def __init__(self) -> None:
        self.states: Counter[str] = Counter()
        self.duplicates = 0
        self.refusals: list[tuple[int, str]] = []
        self.last: Receipt | None = None

    @property
    def sent(self) -> int:
        """How many were taken."""
        return self.states.total()

    def add(self, entry: Entry, result: Receipt | Rejection) -> None:
        """Count one more."""
        if isinstance(result, Rejection):
            self.refusals.append((entry.number, with_fields(result.message, result.errors)))
            return
        self.states[result.state] += 1
        self.duplicates += result.duplicate
        self.last = result
