"""Several stacks side by side, each taking the next fault when it is done with one."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from chaos.scene import Fault
from chaos.size import Size
from chaos.stack import Stack
from chaos.trial import Result, try_fault


@dataclass(frozen=True)
class Plan:
    """What to try.

    Attributes:
        rounds: how often each fault is injected, unless it says otherwise itself.
        make_stack: makes a stack in a directory.
        stacks: how many run side by side.
    """

    faults: Sequence[Fault]
    size: Size
    rounds: int
    seed: int
    make_stack: Callable[[Path], Stack]
    stacks: int


class Crew:
    """Stacks that try faults. A context manager; leaving it ends every process.

    Args:
        directory: for what they write.
    """

    def __init__(self, plan: Plan, directory: Path) -> None:
        self._plan = plan
        self._directory = directory
        self._faults: queue.SimpleQueue[Fault] = queue.SimpleQueue()
        self._results: queue.SimpleQueue[Result] = queue.SimpleQueue()
        self._stacks: list[Stack] = []
        self._closed = False
        # Those that are injected but once take the longest, so they come first.
        for fault in sorted(plan.faults, key=lambda fault: fault.rounds is None):
            self._faults.put(fault)
        self._threads = [
            threading.Thread(target=self._work, args=(number,), name=f"stack-{number}", daemon=True)
            for number in range(1, min(plan.stacks, len(plan.faults)) + 1)
        ]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closed = True
        for stack in self._stacks:
            stack.close()

    def results(self) -> Iterator[Result]:
        """Yield what each fault did, as soon as it is known."""
        for _ in self._plan.faults:
            yield self._results.get()

    def _work(self, number: int) -> None:
        with suppress(queue.Empty):
            fault = self._faults.get_nowait()
            for trial in range(1, len(self._plan.faults) + 1):
                stack = self._plan.make_stack(self._directory / f"stack-{number}-{trial}")
                self._stacks.append(stack)
                fault = self._use(stack, fault)

    def _use(self, stack: Stack, fault: Fault) -> Fault:
        """Try faults on a stack until one leaves it in a state that is not to be trusted; returns the next fault.

        Raises:
            queue.Empty: there is none.
        """
        rounds = self._plan.rounds
        began = time.monotonic()
        try:
            with stack:
                while True:
                    began = time.monotonic()
                    self._results.put(
                        try_fault(stack, fault, self._plan.size, fault.rounds or rounds, self._plan.seed)
                    )
                    fault = self._faults.get_nowait()
        except queue.Empty:
            raise
        except Exception as error:  # noqa: BLE001 - whatever stopped this trial must not stop the others
            self._results.put(Result(fault.name, time.monotonic() - began, None, (_sentence(error),)))
        return self._faults.get_nowait()


def _sentence(error: Exception) -> str:
    return f"The trial broke off: {type(error).__name__}: {error}."
