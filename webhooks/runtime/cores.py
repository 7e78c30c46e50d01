"""Keeping a worker to one core of the machine.

The threads of a worker run one at a time (`webhooks.runtime.baton`), so it can hardly use more than one core. By
default, the kernel moves a thread that wakes up to any idle core, with cold caches. Kept to one core, a worker
makes a quarter to a third more calls, as long as other processes leave it that core.

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

#: Seconds between two measurements of how busy the cores are.
INTERVAL = 0.5
#: The part of all other cores that other processes may use; beyond it, they need this one too.
MAX_OF_THE_REST = 0.9
#: A core that is busy for this part of the time counts as full.
FULL = 0.9
#: How much of a full core other processes may use, in seconds of a hardware thread per second, before this process
#: leaves it.
MAX_OF_OTHERS = 1 / 3
#: How much busier than its own core another may be for a move: processes that may use any core will leave it.
MUCH_THE_SAME = 0.1
#: The probability of a move to a better core. Two workers on one core must not move on together.
CHANCE = 0.5

# Linux lets processes choose.
_CAN_CHOOSE = hasattr(os, "sched_setaffinity")
_GIVEN = frozenset(os.sched_getaffinity(0)) if _CAN_CHOOSE else Core()
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Usage:
    """Processor time used up to a moment, in seconds.

    Attributes:
        moment: of a monotonic clock.
        own: the time that this process has used.
        cores: the time that all processes have used of each core.
    """

    moment: float
    own: float
    cores: Mapping[Core, float]


class Machine(Protocol):
    """The machine that this process runs on."""

    def usage(self) -> Usage:
        """Return how long the cores have been busy; raises OSError if that is unknown."""

    def keep_to(self, core: Core) -> None:
        """Keep all threads of the process, and those that they start, to these cores; raises OSError."""


class OneCore:
    """Keeps the process to one core while other processes need no more than the other cores; else it may use any.

    Args:
        dice: the source of random numbers.

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
        """Measure how busy the cores have been since the last call, and choose again; raises OSError."""
        before, self._usage = self._usage, self._machine.usage()
        seconds = self._usage.moment - before.moment
        taken = {core: (self._usage.cores[core] - before.cores[core]) / seconds for core in before.cores}
        own = (self._usage.own - before.own) / seconds
        quietest = min(taken, key=lambda core: (round(taken[core], 1), self._dice.random()))
        if sum(taken.values()) - own > MAX_OF_THE_REST * self._rest:
            self._core = self._any
        elif self._core == self._any or self._is_better(taken, own, quietest):
            self._core = quietest
        self._machine.keep_to(self._core)  # also threads that were on other cores for a while

    def _is_better(self, taken: Mapping[Core, float], own: float, there: Core) -> bool:
        here = taken[self._core]
        by_others = here - own
        is_crowded = here > FULL * len(self._core) and by_others > MAX_OF_OTHERS
        return is_crowded and taken[there] < by_others + MUCH_THE_SAME and self._dice.random() < CHANCE


class Linux:
    """Linux, as seen by a process that may use some of its cores.

    Raises:
        OSError: it reports nothing about its cores.
    """

    def __init__(self) -> None:
        self._cores = {_siblings(processor) & _GIVEN for processor in _GIVEN}

    def usage(self) -> Usage:
        """Return how long the cores have been busy."""
        worked = dict(_worked_by_processors())
        if not worked.keys() >= _GIVEN:  # in some containers they have other numbers there
            raise OSError("/proc/stat does not have the processors of this process")
        cores = {core: sum(worked[processor] for processor in core) for core in self._cores}
        return Usage(monotonic(), process_time(), cores)

    def keep_to(self, core: Core) -> None:
        """Keep all threads of the process, and those that they start, to these cores."""
        for thread in Path("/proc/self/task").iterdir():
            with suppress(ProcessLookupError):  # it has ended
                os.sched_setaffinity(int(thread.name), core)


def keep_to_one_core(interval: float = INTERVAL) -> None:
    """Keep this process to one core for as long as it lives; returns at once on a machine with one core.

    Raises:
        OSError, ValueError: the cores cannot be measured or chosen. The process may then use any.
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
    """Let this thread, and processes that it starts, use all cores that the process was given.

    Within half a second the thread is back on the core of the process; processes that it has started are not.
    """
    before = os.sched_getaffinity(0) if _CAN_CHOOSE else _GIVEN
    _run_on(_GIVEN)
    try:
        yield
    finally:
        _run_on(before)


def _run_on(processors: Collection[int]) -> None:
    """Keep this thread to these cores from now on, if possible."""
    if _CAN_CHOOSE:
        with suppress(OSError):
            os.sched_setaffinity(0, processors)


def _siblings(processor: int) -> Core:
    """Return the hardware threads of the core that has this one."""
    path = Path(f"/sys/devices/system/cpu/cpu{processor}/topology/thread_siblings_list")
    ranges = [part.partition("-") for part in path.read_text().strip().split(",")]
    return Core(number for first, _, last in ranges for number in range(int(first), int(last or first) + 1))


def _worked_by_processors() -> Iterator[tuple[int, float]]:
    """Yield for each hardware thread how many seconds it has been busy since the machine started."""
    with Path("/proc/stat").open() as file:
        next(file)  # the sum of all
        for line in takewhile(lambda line: line.startswith("cpu"), file):
            name, *ticks = line.split()
            # The fourth and fifth number are idle times; from the ninth on, some times are counted twice.
            yield int(name[3:]), sum(map(int, (*ticks[:3], *ticks[5:8]))) / _TICKS
