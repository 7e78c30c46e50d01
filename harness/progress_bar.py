"""A progress bar below the output of a long command."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeElapsedColumn

T = TypeVar("T")


def show_each(console: Console, results: Iterable[T], count: int, show: Callable[[T], None]) -> list[T]:
    """Show each result when it arrives, above a progress bar, and return all results."""
    shown = []
    columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task("", total=count)
        for result in results:
            shown.append(result)
            show(result)
            progress.advance(task)
    return shown
