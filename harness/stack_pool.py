"""Several stacks that work in parallel; each takes the next task when it has finished one."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Generic, Protocol, Self, TypeVar


class PooledStack(Protocol):
    """All processes of a Ringback; a context manager."""

    def __enter__(self) -> object:
        """Start it."""

    def __exit__(self, *exception: object) -> None:
        """End it."""

    def close(self) -> None:
        """Stop it at once, perhaps from another thread; may be called again."""


Task = TypeVar("Task")
S = TypeVar("S", bound=PooledStack)
Result = TypeVar("Result")


class StackPool(Generic[Task, S, Result]):
    """Runs tasks on a number of stacks. A context manager; leaving it stops every process.

    Args:
        tasks: the tasks in the order of their start.
        make_stack: makes a stack with the given name.
        work: runs a task on a stack. If it raises, the stack is discarded.
        broken_off: makes the result of a task that raised, from its duration in seconds and a sentence.
        stacks: the number of stacks that work in parallel.
    """

    def __init__(
        self,
        tasks: Sequence[Task],
        make_stack: Callable[[str], S],
        work: Callable[[S, Task], Result],
        broken_off: Callable[[Task, float, str], Result],
        stacks: int,
    ) -> None:
        self._count = len(tasks)
        self._make_stack = make_stack
        self._work = work
        self._broken_off = broken_off
        self._tasks: queue.SimpleQueue[Task] = queue.SimpleQueue()
        self._results: queue.SimpleQueue[Result] = queue.SimpleQueue()
        self._stacks: list[S] = []
        for task in tasks:
            self._tasks.put(task)
        self._threads = [
            threading.Thread(target=self._run, args=(number,), name=f"stack-{number}", daemon=True)
            for number in range(1, min(stacks, len(tasks)) + 1)
        ]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(queue.Empty):
            while True:
                self._tasks.get_nowait()  # otherwise its thread would make another stack for the next task
        for stack in self._stacks:
            stack.close()

    def results(self) -> Iterator[Result]:
        """Yield the result of each task as soon as it is known."""
        for _ in range(self._count):
            yield self._results.get()

    def _run(self, number: int) -> None:
        with suppress(queue.Empty):
            task = self._tasks.get_nowait()
            for trial in range(1, self._count + 1):
                stack = self._make_stack(f"stack-{number}-{trial}")
                self._stacks.append(stack)
                task = self._use(stack, task)

    def _use(self, stack: S, task: Task) -> Task:
        """Run tasks on a stack until one raises, and return the next task.

        Raises:
            queue.Empty: there is none.
        """
        began = time.monotonic()
        try:
            with stack:
                while True:
                    began = time.monotonic()
                    self._results.put(self._work(stack, task))
                    task = self._tasks.get_nowait()
        except queue.Empty:
            raise
        except Exception as error:  # noqa: BLE001 - an error in one task must not stop the others
            seconds, sentence = time.monotonic() - began, f"It broke off: {type(error).__name__}: {error}."
            self._results.put(self._broken_off(task, seconds, sentence))
        return self._tasks.get_nowait()
