"""Doing tasks side by side in one thread: where one pauses, the others come as far.

To change from a thread to another costs the interpreter as much as all that a request takes besides; from a
greenlet to another, next to nothing. But nothing else runs in the thread: a task that waits holds up all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import TypeVar

from greenlet import getcurrent, greenlet

T = TypeVar("T")


def side_by_side(tasks: Sequence[Callable[[], T]]) -> list[Future[T]]:
    """Do each task until it pauses, then each from there on, until all have ended.

    Returns what came of each, in order: its result, or the exception that it raised.
    """
    outcomes: list[Future[T]] = [Future() for _ in tasks]
    under_way = [greenlet(_do) for _ in tasks]
    for one, task, outcome in zip(under_way, tasks, outcomes, strict=True):
        one.switch(task, outcome)
    while under_way := [one for one in under_way if not one.dead]:
        for one in under_way:
            one.switch()
    return outcomes


def pause() -> None:
    """Let the tasks beside this one come as far; return at once when there are none."""
    here = getcurrent()
    if here.parent is not None:
        here.parent.switch()


def _do(task: Callable[[], T], outcome: Future[T]) -> None:
    try:
        result = task()
    except Exception as error:  # noqa: BLE001  whoever wanted the task sees it
        outcome.set_exception(error)
    else:
        outcome.set_result(result)
