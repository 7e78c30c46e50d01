"""Printing of fields, tables and JSON, without characters that could control the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import click

from webhooks_cli.streams import output_encoding
from webhooks_client.exact_json import dumps

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def printable(text: object) -> str:
    """Return the text in one line, with escapes for characters that standard output cannot show.

    Much of the output comes from other people, such as the body of a receiver's answer. Control characters in it
    could move the cursor of a terminal, or worse.
    """
    visible = "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode()
        for character in str(text)
    )
    encoding = output_encoding()
    return visible.encode(encoding, "backslashreplace").decode(encoding)


def in_json(value: Any, indent: int | None = None) -> str:
    """Return a value as JSON, in ASCII if the encoding of standard output lacks one of its characters."""
    text = dumps(value, indent=indent, ensure_ascii=False)
    try:
        text.encode(output_encoding())
    except UnicodeEncodeError:
        return dumps(value, indent=indent)
    return text


def print_json(value: Any) -> None:
    """Print a value as JSON."""
    click.echo(in_json(value, indent=2))


def print_answer(answer: Mapping[str, Any], *, as_json: bool) -> None:
    """Print an answer of the API as a line for each field, or as JSON."""
    if as_json:
        print_json(answer)
    else:
        print_fields({name: value for name, value in answer.items() if name != "status"})


def print_fields(fields: Mapping[str, Any]) -> None:
    """Print a line for each field."""
    width = max(map(len, fields), default=0)
    for name, value in fields.items():
        click.echo(f"{name:<{width}}  {_cell(value)}".rstrip())


def print_table(headings: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Print rows in columns below their headings."""
    cells = [list(headings), *([_cell(value) for value in row] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for row in cells:
        click.echo("  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip())


def with_fields(message: str, errors: Mapping[str, Any]) -> str:
    """Return a message and the messages by field in one line. A message that repeats one by field is left out."""
    by_field = list(_by_field(errors))
    return " ".join(by_field if any(one.startswith(message) for one in by_field) else [message, *by_field])


def note(text: str) -> None:
    """Print a note on standard error, which keeps it apart from the result."""
    click.echo(text, err=True)


def _by_field(errors: Any, name: str = "") -> Iterator[str]:
    """Yield `field: message` for messages by field, which may nest."""
    if isinstance(errors, Mapping):
        for key, value in errors.items():
            yield from _by_field(value, f"{name}.{key}" if name else str(key))
    else:
        yield f"{name}: {' '.join(map(str, errors)) if isinstance(errors, list) else errors}"


def _cell(value: Any) -> str:
    if value in (None, "", []):
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return printable(", ".join(map(str, value)) if isinstance(value, list) else value)
