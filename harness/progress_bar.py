"""A bar below the lines of a command that takes its time."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeElapsedColumn

T = TypeVar("T")


def show_each(console: Console, results: Iterable[T], count: int, show: Callable[[T], None]) -> list[T]:
    """Show each result as it comes, above a bar of how many there are; returns them all."""
    seen = []
    columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task("", total=count)
        for result in results:
            seen.append(result)
            show(result)
            progress.advance(task)
    return seen
