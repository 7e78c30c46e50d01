"""CPU time and memory as /proc reports them."""

from __future__ import annotations

import os

import pytest

from harness.bench.cpu import Stat, cpu_seconds, largest_resident_bytes

TICKS = os.sysconf("SC_CLK_TCK")
#: pid, name, state, parent, group, session; terminal, its group, flags, 4 counts of faults; then the times.
LINE = "7 ({}) S 1 7 5 0 -1 4194560 1 2 3 4 100 20 30 4 20 0 1 0 99 1000 200"


@pytest.mark.parametrize("name", ["celery", "a name) S 9", "(("])
def test_cpu_time_includes_ended_children(name: str) -> None:
    assert Stat.read(LINE.format(name)) == Stat(session=5, seconds=154 / TICKS)


def test_a_session_consists_of_its_processes() -> None:
    ours, own = os.getsid(0), os.times().user
    assert cpu_seconds([ours]) >= own > 0
    assert largest_resident_bytes([ours]) > 1_000_000


def test_a_session_without_processes_uses_no_cpu_time() -> None:
    nobody = 2**30
    assert (cpu_seconds([nobody]), largest_resident_bytes([nobody])) == (0, 0)
