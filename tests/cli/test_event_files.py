"""Files of events: their format is detected, and every invalid entry is reported."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from webhooks_cli.event_files import Entry, NotEventsError, read_events

ONE, TWO = {"action": "social", "n": 1}, {"action": "batch", "n": 2}


def read(text: str | bytes) -> tuple[str, int | None, list[Entry]]:
    found = read_events(io.BytesIO(text.encode() if isinstance(text, str) else text))
    return found.unit, found.count, list(found.entries)


def entries(*events: dict[str, Any]) -> list[Entry]:
    return [Entry(number, event) for number, event in enumerate(events, 1)]


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize(
    ("document", "events"),
    [
        (ONE, entries(ONE)),
        ([ONE, TWO], entries(ONE, TWO)),
        ({"events": [ONE, TWO]}, entries(ONE, TWO)),
        ([], []),
        ({"events": []}, []),
    ],
)
def test_a_json_document_is_read_in_any_layout(document: Any, events: list[Entry], indent: int | None) -> None:
    text = json.dumps(document, indent=indent)
    assert read(text) == read(f"\ufeff\n{text}\n") == ("event", len(events), events)


@pytest.mark.parametrize("end", ["", "\n", "\n\n  \n"])
def test_line_numbers_include_blank_lines(end: str) -> None:
    """As in an editor; a blank line contains no event."""
    text = f"{json.dumps(ONE)}\r\n\r\n{json.dumps(TWO)}{end}"
    assert read(text) == ("line", 2, [Entry(1, ONE), Entry(3, TWO)])


def test_an_invalid_line_does_not_affect_the_others() -> None:
    lines = [json.dumps(ONE).encode(), b"{oops", b"[]", b'{"a":1,"a":2}', b'"\xff"', b"[" * 100_000]
    _, _, found = read(b"\n".join([*lines, json.dumps(TWO).encode()]))
    assert (found[0].event, found[-1].event) == (ONE, TWO)
    assert [(entry.number, entry.problem) for entry in found[1:-1]] == [
        (2, "It is not JSON: Expecting property name enclosed in double quotes, line 1, column 2."),
        (3, "It is not a JSON object."),
        (4, "It is not JSON: 'a' occurs twice in an object."),
        (5, "It is not JSON: It is not UTF-8."),
        (6, "It is not JSON: It is nested too deeply."),
    ]


def test_an_array_item_that_is_not_an_object_is_invalid() -> None:
    assert read("[1]") == ("event", 1, [Entry(1, None, "It is not a JSON object.")])


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "is empty"),
        ("\n \n", "is empty"),
        ("action,refId\nsocial,1", "is neither JSON nor NDJSON: Expecting value, line 1, column 1."),
        ('[{"a":1},\n{"a":2}\n', "is neither JSON nor NDJSON: Expecting ',' delimiter, line 3, column 1."),
        ('{"action":\n{"a":1}\n{"a":2}', "is neither JSON nor NDJSON: Expecting ',' delimiter, line 3, column 1."),
        (b"\xff\xff\xff", "is neither JSON nor NDJSON: It is not UTF-8."),
        ("[" * 100_000, "is neither JSON nor NDJSON: It is nested too deeply."),
        ('{"events": {}}', "must have `events` alone, and they must be an array"),
        ('{"events": [], "action": "social"}', "must have `events` alone, and they must be an array"),
    ],
)
def test_a_file_in_another_format_is_refused_as_a_whole(text: str | bytes, problem: str) -> None:
    """No part of a truncated document is sent."""
    with pytest.raises(NotEventsError) as error:
        read(text)
    assert str(error.value) == problem


def test_lines_are_read_on_demand() -> None:
    """So that an endless pipe can be sent. The number of its events is unknown."""

    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

    pipe = Pipe(b"".join(json.dumps({"n": n}).encode() + b"\n" for n in range(1_000)))
    found = read_events(pipe)
    assert (found.unit, found.count) == ("line", None)
    assert next(found.entries) == Entry(1, {"n": 0})
    assert pipe.tell() < 100
