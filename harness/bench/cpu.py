"""The CPU time and memory of processes, from Linux's /proc."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple, Self

from harness.memory import resident_bytes

_TICKS = os.sysconf("SC_CLK_TCK")


class Stat(NamedTuple):
    """The used fields of /proc/PID/stat.

    Attributes:
        seconds: the CPU time of the process and of its ended children.
    """

    session: int
    seconds: float

    @classmethod
    def read(cls, text: str) -> Self:
        """Return the fields of the file; the process name in it may contain blanks and brackets."""
        fields = text.rpartition(")")[2].split()
        return cls(int(fields[3]), sum(map(int, fields[11:15])) / _TICKS)


def cpu_seconds(sessions: Iterable[int]) -> float:
    """Return the CPU time of the processes of these sessions so far."""
    wanted = set(sessions)
    return sum(stat.seconds for _, stat in _all_processes() if stat.session in wanted)


def largest_resident_bytes(sessions: Iterable[int]) -> int:
    """Return the resident memory of the largest process of these sessions; 0 if there is none."""
    wanted = set(sessions)
    return max((resident_bytes(pid) for pid, stat in _all_processes() if stat.session in wanted), default=0)


def _all_processes() -> Iterator[tuple[int, Stat]]:
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            with suppress(OSError):  # it has ended meanwhile
                yield int(entry.name), Stat.read((entry / "stat").read_text())
