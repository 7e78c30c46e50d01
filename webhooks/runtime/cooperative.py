"""Cooperative tasks: several run in one thread, each until it pauses.

The interpreter switches between greenlets twenty times as fast as between threads. But a task that blocks holds up
all others.
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
    """Run each task until it pauses, then each from there on, until all have ended.

    Returns a future for each task, in order, with its result or the exception that it raised.
    """
    outcomes: list[Future[T]] = [Future() for _ in tasks]
    running = [_Task(_run) for _ in tasks]
    for one, task, outcome in zip(running, tasks, outcomes, strict=True):
        one.switch(task, outcome)
    while running := [one for one in running if not one.dead]:
        for one in running:
            one.switch()
    return outcomes


def pause() -> None:
    """Let the other tasks run until they pause too; returns at once if there are none."""
    here = getcurrent()
    if isinstance(here, _Task) and here.parent is not None:
        here.parent.switch()


def _run(task: Callable[[], T], outcome: Future[T]) -> None:
    try:
        result = task()
    except BaseException as error:  # noqa: BLE001  not even SystemExit may keep the other tasks from ending
        outcome.set_exception(error)
    else:
        outcome.set_result(result)
