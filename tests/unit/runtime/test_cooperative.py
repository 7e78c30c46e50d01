"""Cooperative tasks in one thread: each runs as far as it can, and none is left behind."""

from __future__ import annotations

import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from webhooks.runtime.cooperative import pause, run_cooperatively


def task(name: str, pauses: int, seen: list[str]) -> Callable[[], str]:
    def steps() -> str:
        for number in range(pauses):
            seen.append(f"{name}{number}")
            pause()
        return name

    return steps


def test_each_task_runs_from_pause_to_pause() -> None:
    seen: list[str] = []
    outcomes = run_cooperatively([task("a", 2, seen), task("b", 0, seen), task("c", 3, seen)])
    assert seen == ["a0", "c0", "a1", "c1", "c2"]
    assert [outcome.result() for outcome in outcomes] == ["a", "b", "c"]


def test_a_failing_task_does_not_affect_others() -> None:
    def fail() -> str:
        pause()
        raise ValueError("mine")

    one, failed, other = run_cooperatively([task("a", 2, []), fail, task("b", 2, [])])
    assert (one.result(), other.result()) == ("a", "b")
    with pytest.raises(ValueError, match="mine"):
        failed.result()


def test_an_exit_ends_all_paused_tasks() -> None:
    """Signals of the server raise SystemExit in whatever code runs."""

    def leave() -> str:
        sys.exit(0)

    one, left, other = run_cooperatively([task("a", 2, []), leave, task("b", 2, [])])
    assert (one.result(), other.result()) == ("a", "b")
    assert isinstance(left.exception(), SystemExit)


def test_no_tasks_are_no_error() -> None:
    assert run_cooperatively([]) == []


def test_a_lone_task_does_not_wait() -> None:
    pause()
    with ThreadPoolExecutor(1) as threads:
        assert threads.submit(pause).result(5) is None


def test_each_thread_has_its_own_tasks() -> None:
    """A task that pauses in one thread is never continued in another."""
    seen: list[list[str]] = [[], []]
    with ThreadPoolExecutor(2) as threads:
        running = [
            threads.submit(run_cooperatively, [task(name, 200, seen[number]) for name in "ab"])
            for number in (0, 1)
        ]
        assert [[outcome.result() for outcome in outcomes.result(5)] for outcomes in running] == [["a", "b"]] * 2
    assert seen[0] == seen[1] == [f"{name}{number}" for number in range(200) for name in "ab"]
