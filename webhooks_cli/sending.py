"""Sends the entries of a file, each with an idempotency key, and counts the results."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, TypeAlias

from webhooks_cli.event_files import Entry
from webhooks_cli.output import with_fields
from webhooks_client import Client, ClientError, Receipt, Rejection

#: The limit of one call.
_BATCH_SIZE = 1_000

Result: TypeAlias = tuple[Entry, Receipt | Rejection]


def send_entries(client: Client, entries: Iterator[Entry], run: str) -> Iterator[Result]:
    """Send the events a thousand at a time, and yield the result of each in order.

    Args:
        client: the producers' client.
        entries: the entries of a file; those without an event are rejected here.
        run: the name of the run, from which the idempotency keys of events without one are made. For 24 hours the
            service recognises the same events under the same run, and stores none twice.

    Raises:
        ClientError: sending stopped; all known results have been yielded.
    """
    while batch := list(islice(entries, _BATCH_SIZE)):
        events = [_with_key(entry, run) for entry in batch if entry.event is not None]
        try:
            yield from _with_results(batch, client.send_many(events))
        except ClientError as error:
            yield from _with_results(batch, error.results)
            raise


def _with_results(batch: Sequence[Entry], results: Sequence[Receipt | Rejection | None]) -> Iterator[Result]:
    """Yield the entries of a batch whose result is known, with that result."""
    remaining = iter(results)
    for entry in batch:
        result = Rejection(entry.number, None, entry.problem) if entry.event is None else next(remaining)
        if result is not None:
            yield entry, result


def _with_key(entry: Entry, run: str) -> dict[str, Any]:
    return {"idempotencyKey": f"{run}-{entry.number}", **(entry.event or {})}


class Summary:
    """Counts results by state."""

    def __init__(self) -> None:
        self.states: Counter[str] = Counter()
        self.duplicates = 0
        self.refusals: list[tuple[int, str]] = []
        self.last: Receipt | None = None

    @property
    def sent(self) -> int:
        """The number of accepted events."""
        return self.states.total()

    def add(self, entry: Entry, result: Receipt | Rejection) -> None:
        """Count a result."""
        if isinstance(result, Rejection):
            self.refusals.append((entry.number, with_fields(result.message, result.errors)))
            return
        self.states[result.state] += 1
        self.duplicates += result.duplicate
        self.last = result
