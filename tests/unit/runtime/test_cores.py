"""A worker stays on one core, and moves when others use too much of it."""

from __future__ import annotations

import os
import random
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from webhooks.feeds.reader import read_feed
from webhooks.runtime import cores
from webhooks.runtime.cores import INTERVAL, Core, Linux, OneCore, Usage, keep_to_one_core, on_any_core

A, B, C = Core({0}), Core({1}), Core({2})

on_linux = pytest.mark.skipif(
    not Path("/sys/devices/system/cpu/cpu0/topology/thread_siblings_list").exists(),
    reason="only Linux, and not each sandbox, tells of its cores",
)
on_many_cores = pytest.mark.skipif(len(cores._GIVEN) < 2, reason="there is one core")


class MadeUp:
    """A machine whose cores are as busy as a test says.

    Attributes:
        kept_to: the cores that its processes were restricted to, in order.
    """

    def __init__(self, cores: Sequence[Core] = (A, B)) -> None:
        self.kept_to: list[Core] = []
        self._moment, self._own = 0.0, 0.0
        self._cores = dict.fromkeys(cores, 0.0)

    @property
    def core(self) -> Core:
        """The current core of the process."""
        return self.kept_to[-1]

    def pass_time(self, own: float, others: dict[Core, float]) -> None:
        """Let the process and others work for these shares of a while on each core."""
        self._moment += INTERVAL
        self._own += INTERVAL * own
        for core in self._cores:
            if core <= self.core:  # each has a part of it where it may use any
                self._cores[core] += INTERVAL * own * len(core) / len(self.core)
        for core, share in others.items():
            self._cores[core] += INTERVAL * share

    def usage(self) -> Usage:
        """Return the busy time so far."""
        return Usage(self._moment, self._own, dict(self._cores))

    def keep_to(self, core: Core) -> None:
        """Record the cores."""
        self.kept_to.append(core)


def dice(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311  nothing secret depends on it


def looks(machine: MadeUp, own: float, here: float, elsewhere: float, times: int = 50) -> list[Core]:
    """Return the cores of a process with this load, beside these loads of others on both cores."""
    one = OneCore(machine, dice(7))
    first = machine.core
    for _ in range(times):
        machine.pass_time(own, {core: here if core == first else elsewhere for core in machine.usage().cores})
        one.look()
    return machine.kept_to


def test_a_process_stays_on_a_core_that_has_enough_time_for_it() -> None:
    assert len(set(looks(MadeUp(), own=0.7, here=0.3, elsewhere=0.1))) == 1


def test_a_process_leaves_a_core_that_another_uses_as_much() -> None:
    places = looks(MadeUp((A, B, C)), own=0.5, here=0.5, elsewhere=0.1)
    assert places[0] != places[-1]


def test_a_process_stays_on_a_core_with_time_left() -> None:
    assert len(set(looks(MadeUp(), own=0.1, here=0.5, elsewhere=0.1))) == 1


def test_a_process_does_not_move_to_a_busier_core() -> None:
    assert len(set(looks(MadeUp((A, B, C)), own=0.5, here=0.5, elsewhere=0.62))) == 1


def test_a_process_uses_any_core_if_all_are_busy() -> None:
    """Otherwise others would wait for its core, and it would wait for them."""
    machine = MadeUp()
    one = OneCore(machine, dice(7))
    machine.pass_time(0.5, {A: 0.5, B: 0.5})
    one.look()
    assert machine.core == A | B
    machine.pass_time(0.5, {A: 0.2, B: 0.3})
    one.look()
    assert machine.core in {A, B}


def test_a_process_moves_to_the_quietest_core() -> None:
    machine = MadeUp((A, B, C))
    one = OneCore(machine, dice(7))
    first, quiet, busy = machine.core, *({A, B, C} - {machine.core})
    while machine.core == first:
        machine.pass_time(0.5, {first: 0.5, busy: 0.5, quiet: 0.2})
        one.look()
    assert machine.core == quiet


def test_two_processes_on_a_core_separate() -> None:
    for seed in range(20):
        machines = [MadeUp((A, B, C)) for _ in range(2)]
        ones = [OneCore(machine, dice(seed + 100 * number)) for number, machine in enumerate(machines)]
        for _ in range(40):
            places = [machine.core for machine in machines]
            for machine, other in zip(machines, reversed(places), strict=True):
                share = 0.5 if len(set(places)) == 1 else 0.8
                machine.pass_time(share, {other: share})
            for one in ones:
                one.look()
        assert machines[0].core != machines[1].core


@on_linux
@on_many_cores
@pytest.mark.usefixtures("_anywhere")
def test_without_readable_figures_the_kernel_chooses_the_core(monkeypatch: pytest.MonkeyPatch) -> None:
    given = os.sched_getaffinity(0)
    seen: list[set[int]] = []

    def look_once(_: OneCore) -> None:
        seen.append(os.sched_getaffinity(0))
        raise OSError("no more files")

    monkeypatch.setattr(OneCore, "look", look_once)
    with pytest.raises(OSError, match="no more files"):
        keep_to_one_core(interval=0)
    assert seen != [given]
    assert os.sched_getaffinity(0) == given


@on_linux
@on_many_cores
def test_unknown_core_numbers_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = Linux()
    monkeypatch.setattr(cores, "_GIVEN", Core({10_000}))
    with pytest.raises(OSError, match="processors"):
        machine.usage()


def test_hardware_threads_of_a_core_share_it() -> None:
    """One of two cores is free then, for the process that needs it."""
    machine = MadeUp((Core({0, 2}), Core({1, 3})))
    assert len(set(looks(machine, own=0.9, here=0.8, elsewhere=0.0))) == 1


@pytest.fixture
def _anywhere() -> Iterator[None]:
    """Undo what a test changes about the cores of this process."""
    before = {thread: os.sched_getaffinity(int(thread.name)) for thread in Path("/proc/self/task").iterdir()}
    yield
    for thread, processors in before.items():
        if thread.exists():
            os.sched_setaffinity(int(thread.name), processors)


@on_linux
@pytest.mark.usefixtures("_anywhere")
def test_on_linux_all_threads_and_their_children_keep_to_a_core() -> None:
    seen: list[set[int]] = []
    may_look, may_end = threading.Event(), threading.Event()

    def look_when_told() -> None:
        may_look.wait()
        seen.append(os.sched_getaffinity(0))
        may_end.wait()

    earlier = threading.Thread(target=look_when_told)
    earlier.start()
    machine = Linux()
    core = min(machine.usage().cores, key=min)

    machine.keep_to(core)
    may_look.set()
    later = threading.Thread(target=lambda: seen.append(os.sched_getaffinity(0)))
    later.start()
    later.join()
    may_end.set()
    earlier.join()

    assert seen == [set(core)] * 2


@on_linux
def test_linux_reports_the_busy_time_of_cores() -> None:
    machine = Linux()
    before = machine.usage()
    while (after := machine.usage()).own < before.own + 0.2:
        pass
    assert {number for core in after.cores for number in core} == os.sched_getaffinity(0)
    assert sum(after.cores.values()) - sum(before.cores.values()) > 0.1


@on_linux
@on_many_cores
@pytest.mark.usefixtures("_anywhere")
def test_a_new_process_may_run_on_any_core() -> None:
    given = os.sched_getaffinity(0)
    core = min(Linux().usage().cores, key=min)
    os.sched_setaffinity(0, core)
    with on_any_core():
        assert os.sched_getaffinity(0) == given
    assert os.sched_getaffinity(0) == set(core)


@on_linux
@on_many_cores
@pytest.mark.usefixtures("_anywhere")
def test_a_feed_is_read_on_any_core(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[set[int]] = []
    given = os.sched_getaffinity(0)
    os.sched_setaffinity(0, min(Linux().usage().cores, key=min))

    def run(*_: object, **__: object) -> None:
        seen.append(os.sched_getaffinity(0))
        raise RuntimeError

    monkeypatch.setattr("subprocess.run", run)
    with pytest.raises(RuntimeError):
        read_feed(b"", "", "https://feeds.example.com/")
    assert seen == [given]
