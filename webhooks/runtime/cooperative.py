"""Doing tasks side by side in one thread: where one pauses, the others catch up with it.

To change from one thread to another takes the interpreter twenty times as long as from one greenlet to another.
But nothing else runs in the thread meanwhile: a task that waits holds up all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import TypeVar

from greenlet import getcurrent, greenlet

T = TypeVar("T")


class _Task(greenlet):
    """A running task."""


def run_cooperatively(tasks: Sequence[Callable[[], T]]) -> list[Future[T]]:
    """Do each task until it pauses, then each from there on, until all have ended.

    Returns what came of each, in order: its result, or the exception that it raised.
    """
    outcomes: list[Future[T]] = [Future() for _ in tasks]
    in_flight = [_Task(_do) for _ in tasks]
    for one, task, outcome in zip(in_flight, tasks, outcomes, strict=True):
        one.switch(task, outcome)
    while in_flight := [one for one in in_flight if not one.dead]:
        for one in in_flight:
            one.switch()
    return outcomes


def pause() -> None:
    """Let the tasks beside this one catch up with it; return at once when there are none."""
    here = getcurrent()
    if isinstance(here, _Task) and here.parent is not None:
        here.parent.switch()


def _do(task: Callable[[], T], outcome: Future[T]) -> None:
    try:
        result = task()
    except BaseException as error:  # noqa: BLE001  SystemExit too must not leave others where they paused
        outcome.set_exception(error)
    else:
        outcome.set_result(result)
