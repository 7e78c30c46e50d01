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
    """A file is none of these; the message finishes a sentence that begins with its name."""


@dataclass(frozen=True)
class Entry:
    """What stands where an event should.

    Attributes:
        number: of its line, or its place in the array, from 1.
        event: None if it is none.
        problem: why it is none.
    """

    number: int
    event: dict[str, Any] | None
    problem: str = ""


@dataclass(frozen=True)
class EventFile:
    """What a file holds.

    Attributes:
        unit: what the entries' numbers count, `line` or `event`.
        count: how many entries there are; None if that is not known yet.
        entries: to be read once.
    """

    unit: str
    count: int | None
    entries: Iterator[Entry]


def read_events(stream: BinaryIO) -> EventFile:
    """Return the events of a file; lines are read as they are wanted, anything else at once.

    Raises:
        NotEventsError: there are none in it.
    """
    numbered = ((number, line) for number, line in enumerate(stream, 1) if line.strip())
    head = list(itertools.islice(numbered, 2))
    if not head:
        raise NotEventsError("is empty")
    head[0] = (head[0][0], head[0][1].removeprefix(codecs.BOM_UTF8))
    if len(head) == 2 and _entry(*head[0]).event is not None:
        return EventFile("line", _count_lines(stream), itertools.starmap(_entry, itertools.chain(head, numbered)))
    events = _document(b"".join(line for _, line in itertools.chain(head, numbered)))
    return EventFile("event", len(events), itertools.starmap(_checked, enumerate(events, 1)))


def _count_lines(stream: BinaryIO) -> int | None:
    """Return how many lines with an entry there are; None where one cannot go back."""
    if not stream.seekable():
        return None
    here = stream.tell()
    stream.seek(0)
    count = sum(1 for line in stream if line.strip())
    stream.seek(here)
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
        return _checked(number, _loads(line))
    except ValueError as error:
        return Entry(number, None, f"It is not JSON: {_reason(error)}")


def _checked(number: int, value: Any) -> Entry:
    if isinstance(value, dict):
        return Entry(number, value)
    return Entry(number, None, "It is not a JSON object.")


def _loads(text: bytes) -> Any:
    """Return the value of a JSON text; ValueError if it is none."""
    try:
        return loads(text, object_pairs_hook=_object)
    except RecursionError:
        raise ValueError("It is nested too deeply.") from None


def _object(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise ValueError(f"{name!r} stands twice in an object.")
        found[name] = value
    return found


def _reason(error: ValueError) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg}, line {error.lineno}, column {error.colno}."
    return "It is not UTF-8." if isinstance(error, UnicodeDecodeError) else str(error)
