"""Events in a file: one JSON object, `{"events": […]}`, a JSON array, or an object on each line (NDJSON)."""

from __future__ import annotations

import codecs
import itertools
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

from webhooks_client.exact_json import loads


class NotEventsError(Exception):
    """A file contains no events; the message completes a sentence that begins with its name."""


@dataclass(frozen=True)
class Entry:
    """One event of a file, or the reason why there is none.

    Attributes:
        number: the number of its line, or its position in the array, from 1.
        event: the event; None if the entry is invalid.
        problem: why the entry is invalid.
    """

    number: int
    event: dict[str, Any] | None
    problem: str = ""


@dataclass(frozen=True)
class EventFile:
    """The content of a file.

    Attributes:
        unit: what the numbers of the entries count, `line` or `event`.
        count: the number of entries; None if it is unknown.
        entries: can be read once.
    """

    unit: str
    count: int | None
    entries: Iterator[Entry]


def read_events(stream: BinaryIO) -> EventFile:
    """Return the events of a file. NDJSON is read line by line on demand, any other form at once.

    Raises:
        NotEventsError: the file contains no events.
    """
    numbered = ((number, line) for number, line in enumerate(stream, 1) if line.strip())
    head = list(itertools.islice(numbered, 2))
    if not head:
        raise NotEventsError("is empty")
    head[0] = (head[0][0], head[0][1].removeprefix(codecs.BOM_UTF8))
    if len(head) == 2 and _entry(*head[0]).event is not None:
        return EventFile("line", _count_lines(stream), itertools.starmap(_entry, itertools.chain(head, numbered)))
    events = _document(b"".join(line for _, line in itertools.chain(head, numbered)))
    return EventFile("event", len(events), itertools.starmap(_entry_of, enumerate(events, 1)))


def _count_lines(stream: BinaryIO) -> int | None:
    """Return the number of lines that are not blank; None if the stream cannot be rewound."""
    if not stream.seekable():
        return None
    position = stream.tell()
    stream.seek(0)
    count = sum(1 for line in stream if line.strip())
    stream.seek(position)
    return count


def _document(text: bytes) -> list[Any]:
    try:
        document = _loads(text)
    except ValueError as error:
        raise NotEventsError(f"is neither JSON nor NDJSON: {_reason(error)}") from None
    if isinstance(document, dict) and "events" in document:
        if set(document) != {"events"} or not isinstance(document["events"], list):
            raise NotEventsError("must have `events` alone, and they must be an array")
        document = document["events"]
    return document if isinstance(document, list) else [document]


def _entry(number: int, line: bytes) -> Entry:
    try:
        return _entry_of(number, _loads(line))
    except ValueError as error:
        return Entry(number, None, f"It is not JSON: {_reason(error)}")


def _entry_of(number: int, value: Any) -> Entry:
    if isinstance(value, dict):
        return Entry(number, value)
    return Entry(number, None, "It is not a JSON object.")


def _loads(text: bytes) -> Any:
    """Return the value of a JSON text.

    Raises:
        ValueError: it is not JSON, nested too deeply, or has an object with the same name twice.
    """
    try:
        return loads(text, object_pairs_hook=_object)
    except RecursionError:
        raise ValueError("It is nested too deeply.") from None


def _object(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    members: dict[str, Any] = {}
    for name, value in pairs:
        if name in members:
            raise ValueError(f"{name!r} occurs twice in an object.")
        members[name] = value
    return members


def _reason(error: ValueError) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg}, line {error.lineno}, column {error.colno}."
    return "It is not UTF-8." if isinstance(error, UnicodeDecodeError) else str(error)
