"""What a shell completes where one of a few words is meant; the API alone judges which there are."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import click

Complete = Callable[[click.Context, click.Parameter, str], list[str]]


def one_of(words: Iterable[str]) -> Complete:
    """Return what completes one of the words, for `shell_complete`."""
    known = tuple(words)

    def complete(_: click.Context, __: click.Parameter, incomplete: str) -> list[str]:
        return [word for word in known if word.startswith(incomplete)]

    return complete
