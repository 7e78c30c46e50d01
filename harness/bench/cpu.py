"""How much processor time and memory processes have taken, from Linux' /proc."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple, Self

from harness.memory import resident_bytes

_TICKS = os.sysconf("SC_CLK_TCK")


class Stat(NamedTuple):
    """What is used of /proc/PID/stat.

    Attributes:
        seconds: of processor time, its own and that of children that have ended.
    """

    session: int
    seconds: float

    @classmethod
    def read(cls, text: str) -> Self:
        """Return what the file says; the name in it may have blanks and brackets of its own."""
        fields = text.rpartition(")")[2].split()
        return cls(int(fields[3]), sum(map(int, fields[11:15])) / _TICKS)


def cpu_seconds(sessions: Iterable[int]) -> float:
    """Return how long the processes of these sessions have run so far."""
    wanted = set(sessions)
    return sum(stat.seconds for _, stat in _all_processes() if stat.session in wanted)


def largest_resident_bytes(sessions: Iterable[int]) -> int:
    """Return the resident memory of the largest process of these sessions; 0 when none is there."""
    wanted = set(sessions)
    return max((resident_bytes(pid) for pid, stat in _all_processes() if stat.session in wanted), default=0)


def _all_processes() -> Iterator[tuple[int, Stat]]:
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            with suppress(OSError):  # it has ended by now
                yield int(entry.name), Stat.read((entry / "stat").read_text())
