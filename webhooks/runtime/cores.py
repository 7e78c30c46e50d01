"""Cores: which of the machine's a worker runs on.

Its threads take turns (`webhooks.runtime.baton`), so one core is nearly all that they can use. Left to itself, the
kernel lets each go on wherever a core is idle when it is woken: with cold caches, and soon behind whatever else
runs there. On one core they make a quarter to a third more calls, as long as others leave them one.

A core is the set of its hardware threads, as these share its caches.
"""

from __future__ import annotations

import os
import random
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from time import monotonic, process_time, sleep
from typing import Protocol

Core = frozenset[int]

#: Seconds between two looks at how busy the cores are.
INTERVAL = 0.5
#: How much of all other cores others may take; with more, they leave none to a worker.
MAX_OF_THE_REST = 0.9
#: What share of its time makes a core a full one.
FULL = 0.9
#: How much of a full core others may take, in seconds of one hardware thread each second, before it is left.
MAX_OF_OTHERS = 1 / 3
#: How much more may be taken of a core that is moved to: whatever is not kept to a core makes room there.
MUCH_THE_SAME = 0.1
#: How likely it is to move where that is better. Two workers that meet on a core must not go on together.
CHANCE = 0.5

# Linux lets processes choose.
_CAN_CHOOSE = hasattr(os, "sched_setaffinity")
_GIVEN = frozenset(os.sched_getaffinity(0)) if _CAN_CHOOSE else Core()
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Usage:
    """How much has been worked by a moment, in seconds.

    Attributes:
        moment: by a clock that is never set.
        own: what this process has worked.
        cores: what each core has worked, for whomever.
    """

    moment: float
    own: float
    cores: Mapping[Core, float]


class Machine(Protocol):
    """What runs this process."""

    def usage(self) -> Usage:
        """Return how long the cores have been busy so far; raises OSError if that is unknown."""

    def keep_to(self, core: Core) -> None:
        """Have all threads of the process run on a core, or some, and those that they start; raises OSError."""


class OneCore:
    """Keeps the process to one core of several while others need no more than the rest; else it may use any.

    Args:
        dice: decides what is left to chance.

    Raises:
        OSError: the machine reports nothing about its cores, or does not let the process choose.
    """

    def __init__(self, machine: Machine, dice: random.Random | None = None) -> None:
        self._machine = machine
        self._dice = dice or random.Random()  # noqa: S311  nothing secret depends on it
        self._usage = machine.usage()
        cores = list(self._usage.cores)
        self._any = Core().union(*cores)
        self._rest = len(self._any) - max(map(len, cores))
        self._core = self._dice.choice(cores)
        machine.keep_to(self._core)

    def look(self) -> None:
        """See how busy the cores have been since the last call, and choose again; raises OSError."""
        before, self._usage = self._usage, self._machine.usage()
        seconds = self._usage.moment - before.moment
        taken = {core: (self._usage.cores[core] - before.cores[core]) / seconds for core in before.cores}
        own = (self._usage.own - before.own) / seconds
        quietest = min(taken, key=lambda core: (round(taken[core], 1), self._dice.random()))
        if sum(taken.values()) - own > MAX_OF_THE_REST * self._rest:
            self._core = self._any
        elif self._core == self._any or self._is_better(taken, own, quietest):
            self._core = quietest
        self._machine.keep_to(self._core)  # also threads that were elsewhere for a while

    def _is_better(self, taken: Mapping[Core, float], own: float, there: Core) -> bool:
        here = taken[self._core]
        by_others = here - own
        is_crowded = here > FULL * len(self._core) and by_others > MAX_OF_OTHERS
        return is_crowded and taken[there] < by_others + MUCH_THE_SAME and self._dice.random() < CHANCE


class Linux:
    """Linux, as a process sees it that was given some of its cores.

    Raises:
        OSError: it reports nothing about its cores.
    """

    def __init__(self) -> None:
        self._cores = {_siblings(processor) & _GIVEN for processor in _GIVEN}

    def usage(self) -> Usage:
        """Return how long the cores have been busy so far."""
        worked = dict(_worked_by_processors())
        if not worked.keys() >= _GIVEN:  # in some containers they have other numbers there
            raise OSError("/proc/stat does not have the processors of this process")
        cores = {core: sum(worked[processor] for processor in core) for core in self._cores}
        return Usage(monotonic(), process_time(), cores)

    def keep_to(self, core: Core) -> None:
        """Have all threads of the process run on a core, or some, and those that they start."""
        for thread in Path("/proc/self/task").iterdir():
            with suppress(ProcessLookupError):  # it has ended
                os.sched_setaffinity(int(thread.name), core)


def keep_to_one_core(interval: float = INTERVAL) -> None:
    """Keep this process to one core for as long as it lives; returns at once where there is nothing to choose.

    Raises:
        OSError, ValueError: nothing can be known of the cores, or chosen. The process runs on any then.
    """
    if len(_GIVEN) < 2:
        return
    machine = Linux()
    if len(machine.usage().cores) < 2:
        return
    try:
        core = OneCore(machine)
        while True:
            sleep(interval)
            core.look()
    finally:
        with suppress(OSError):
            machine.keep_to(_GIVEN)


@contextmanager
def on_any_core() -> Iterator[None]:
    """Let this thread run wherever the process might when it started, and so the processes that it starts.

    Within half a second the thread is back on the core of all others; what it has started stays where it is.
    """
    before = os.sched_getaffinity(0) if _CAN_CHOOSE else _GIVEN
    _run_on(_GIVEN)
    try:
        yield
    finally:
        _run_on(before)


def _run_on(processors: Collection[int]) -> None:
    """Have this thread run there from now on, if that can be chosen."""
    if _CAN_CHOOSE:
        with suppress(OSError):
            os.sched_setaffinity(0, processors)


def _siblings(processor: int) -> Core:
    """Return the hardware threads of a core, by the number of one of them."""
    path = Path(f"/sys/devices/system/cpu/cpu{processor}/topology/thread_siblings_list")
    ranges = [part.partition("-") for part in path.read_text().strip().split(",")]
    return Core(number for first, _, last in ranges for number in range(int(first), int(last or first) + 1))


def _worked_by_processors() -> Iterator[tuple[int, float]]:
    """Yield for each hardware thread how many seconds it has worked since the machine started."""
    with Path("/proc/stat").open() as file:
        next(file)  # all of them together
        for line in takewhile(lambda line: line.startswith("cpu"), file):
            name, *ticks = line.split()
            # The fourth and fifth number are those of doing nothing; from the ninth on some are counted twice.
            yield int(name[3:]), sum(map(int, (*ticks[:3], *ticks[5:8]))) / _TICKS
