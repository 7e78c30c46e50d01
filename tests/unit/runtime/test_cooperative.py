"""Side by side: tasks of one thread come as far as they can, and no one is left behind."""

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


def test_each_runs_until_it_pauses_and_then_until_it_pauses_again() -> None:
    seen: list[str] = []
    outcomes = run_cooperatively([task("a", 2, seen), task("b", 0, seen), task("c", 3, seen)])
    assert seen == ["a0", "c0", "a1", "c1", "c2"]
    assert [outcome.result() for outcome in outcomes] == ["a", "b", "c"]


def test_a_task_that_fails_fails_alone() -> None:
    def fail() -> str:
        pause()
        raise ValueError("mine")

    one, failed, other = run_cooperatively([task("a", 2, []), fail, task("b", 2, [])])
    assert (one.result(), other.result()) == ("a", "b")
    with pytest.raises(ValueError, match="mine"):
        failed.result()


def test_an_exit_leaves_no_one_where_it_paused() -> None:
    """The server's signals raise SystemExit, in whatever runs."""

    def leave() -> str:
        sys.exit(0)

    one, left, other = run_cooperatively([task("a", 2, []), leave, task("b", 2, [])])
    assert (one.result(), other.result()) == ("a", "b")
    assert isinstance(left.exception(), SystemExit)


def test_nothing_to_do_is_done() -> None:
    assert run_cooperatively([]) == []


def test_who_is_alone_does_not_wait() -> None:
    pause()
    with ThreadPoolExecutor(1) as threads:
        assert threads.submit(pause).result(5) is None


def test_threads_have_tasks_of_their_own() -> None:
    """What pauses in one thread is never gone on with in another."""
    seen: list[list[str]] = [[], []]
    with ThreadPoolExecutor(2) as threads:
        running = [
            threads.submit(run_cooperatively, [task(name, 200, seen[number]) for name in "ab"])
            for number in (0, 1)
        ]
        assert [[outcome.result() for outcome in outcomes.result(5)] for outcomes in running] == [["a", "b"]] * 2
    assert seen[0] == seen[1] == [f"{name}{number}" for number in range(200) for name in "ab"]
