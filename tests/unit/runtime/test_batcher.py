"""A lone caller of a batcher does not wait, and callers that arrive meanwhile share a step."""

from __future__ import annotations

import sys
import threading
import traceback
from collections.abc import Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial

import pytest

from webhooks.runtime.batcher import Batcher
from webhooks.runtime.cooperative import run_cooperatively


class Step:
    """Doubles numbers when it is allowed to end; records the numbers of each step."""

    def __init__(self) -> None:
        self.steps: list[list[int]] = []
        self.begun = threading.Semaphore(0)
        self.may_end = threading.Event()
        self.may_end.set()

    def __call__(self, numbers: Sequence[int]) -> list[int]:
        """Double the numbers; ValueError if one is negative."""
        self.steps.append(list(numbers))
        self.begun.release()
        assert self.may_end.wait(5)
        if min(numbers) < 0:
            raise ValueError
        return [2 * number for number in numbers]


@pytest.fixture
def step() -> Step:
    return Step()


@pytest.fixture
def batcher(step: Step) -> Batcher[int, int]:
    return Batcher(step, max_things=5)


def while_busy(
    batcher: Batcher[int, int], step: Step, first: list[int], others: list[list[int]]
) -> list[Sequence[int] | BaseException]:
    """Call from other threads during the first call; returns the result of each call."""
    step.may_end.clear()
    with ThreadPoolExecutor(len(others) + 1) as threads:
        calls: list[Future[Sequence[int]]] = [threads.submit(batcher, first)]
        assert step.begun.acquire(timeout=60)
        for count, things in enumerate(others, start=1):
            calls.append(threads.submit(batcher, things))
            while batcher.waiting < count:
                assert not calls[-1].done()
        step.may_end.set()
        return [call.exception() or call.result() for call in calls]


def test_a_lone_caller_is_served_at_once(batcher: Batcher[int, int], step: Step) -> None:
    """By itself: it waits for no one, and no thread is woken."""
    assert [list(batcher([number])) for number in (1, 2)] == [[2], [4]]
    assert step.steps == [[1], [2]]


def test_callers_that_arrive_during_a_step_share_the_next(batcher: Batcher[int, int], step: Step) -> None:
    """Each gets the results of its own numbers."""
    assert while_busy(batcher, step, [1], [[2, 3], [4], [5, 6]]) == [[2], [4, 6], [8], [10, 12]]
    assert step.steps == [[1], [2, 3, 4, 5, 6]]


def test_a_step_has_a_maximum_and_splits_no_callers_things(batcher: Batcher[int, int], step: Step) -> None:
    while_busy(batcher, step, [1], [[2, 3, 4], [5, 6, 7], [8], [9] * 9])
    assert step.steps == [[1], [2, 3, 4], [5, 6, 7, 8], [9] * 9]


def test_an_error_reaches_only_the_callers_of_its_step(batcher: Batcher[int, int], step: Step) -> None:
    first, *shared, last = while_busy(batcher, step, [1], [[-1], [2], [3, 4, 5, 6, 7]])
    assert first == [2]
    assert [type(error) for error in shared] == [ValueError, ValueError]
    assert last == [6, 8, 10, 12, 14]
    assert list(batcher([8])) == [16]


def test_an_error_does_not_grow_with_each_caller(batcher: Batcher[int, int]) -> None:
    """Otherwise a caller that logs it would log them all."""
    (error,) = {outcome.exception() for outcome in run_cooperatively([partial(batcher, [-1]) for _ in range(5)])}
    assert error is not None
    assert sum(frame.name == "results" for frame in traceback.extract_tb(error.__traceback__)) == 1


def test_an_exit_leaves_no_caller_waiting(step: Step) -> None:
    def leave(numbers: Sequence[int]) -> list[int]:
        step(numbers)
        sys.exit(0)

    outcomes = while_busy(Batcher(leave, max_things=5), step, [1], [[2], [3]])
    assert [type(outcome) for outcome in outcomes] == [SystemExit] * 3


def test_many_threads_lose_no_thing(step: Step) -> None:
    batcher = Batcher(step, max_things=50)
    with ThreadPoolExecutor(16) as threads:
        answers = list(threads.map(lambda number: list(batcher([number])), range(2000)))
    assert answers == [[2 * number] for number in range(2000)]
    assert sorted(number for numbers in step.steps for number in numbers) == list(range(2000))


def come(batcher: Batcher[int, int], numbers: Iterable[int]) -> list[list[int]]:
    """Call cooperatively, each with a number; returns the result of each."""
    outcomes = run_cooperatively([partial(batcher, [number]) for number in numbers])
    return [list(outcome.result()) for outcome in outcomes]


def test_cooperative_callers_share_a_step(batcher: Batcher[int, int], step: Step) -> None:
    """The first of them does not start alone."""
    assert come(batcher, [1, 2, 3]) == [[2], [4], [6]]
    assert step.steps == [[1, 2, 3]]


def test_cooperative_callers_share_an_error(batcher: Batcher[int, int]) -> None:
    outcomes = run_cooperatively([partial(batcher, [number]) for number in (1, -1)])
    assert [type(outcome.exception()) for outcome in outcomes] == [ValueError, ValueError]


def test_cooperative_callers_wait_for_a_running_step(batcher: Batcher[int, int], step: Step) -> None:
    """Then they share the next one with others."""
    step.may_end.clear()
    with ThreadPoolExecutor(3) as threads:
        first = threads.submit(batcher, [1])
        assert step.begun.acquire(timeout=60)
        many = threads.submit(come, batcher, [2, 3])
        while batcher.waiting < 2:
            assert not many.done()
        last = threads.submit(batcher, [4])
        while batcher.waiting < 3:
            assert not last.done()
        step.may_end.set()
        assert (first.result(5), many.result(5), last.result(5)) == ([2], [[4], [6]], [8])
    assert step.steps == [[1], [2, 3, 4]]


def test_threads_and_cooperative_callers_lose_no_thing(step: Step) -> None:
    batcher = Batcher(step, max_things=50)
    groups = [range(start, start + 1 + start % 70) for start in range(0, 4000, 7)]
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(partial(come, batcher), groups))
    assert answers == [[[2 * number] for number in group] for group in groups]
