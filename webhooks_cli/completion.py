"""Shell completion of arguments with a few known values. Only the API decides which values are valid."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import click

Complete = Callable[[click.Context, click.Parameter, str], list[str]]


def one_of(values: Iterable[str]) -> Complete:
    """Return a function for `shell_complete` that completes one of these values."""
    known = tuple(values)

    def complete(_: click.Context, __: click.Parameter, incomplete: str) -> list[str]:
        return [value for value in known if value.startswith(incomplete)]

    return complete
