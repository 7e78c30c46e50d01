"""Batching: concurrent callers share one step."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from webhooks.runtime.cooperative import pause

T = TypeVar("T")
R = TypeVar("R")


class Batcher(Generic[T, R]):
    """A step that costs about as much for many things as for one, shared by concurrent callers.

    The first caller makes the step at once, also for callers that run cooperatively with it. Callers that arrive
    meanwhile wait until the step has ended; then one of them makes the next step for all of them.

    Args:
        step: takes things, and returns a result for each, in order.
        max_things: the maximum number of things in a step that several callers share.
    """

    def __init__(self, step: Callable[[Sequence[T]], Sequence[R]], max_things: int) -> None:
        self._step = step
        self._max_things = max_things
        self._lock = threading.Lock()
        self._waiting: deque[_Caller[T, R]] = deque()
        self._is_led = False

    @property
    def waiting(self) -> int:
        """How many callers wait for the next step."""
        return len(self._waiting)

    def __call__(self, things: Sequence[T]) -> Sequence[R]:
        """Make the step for these things; returns their results, or raises what the step raised."""
        caller: _Caller[T, R] = _Caller(things)
        with self._lock:
            self._waiting.append(caller)
            leads, self._is_led = not self._is_led, True
        pause()
        if not leads:
            caller.wait()
        if caller.is_served:
            return caller.results()
        self._lead()
        return caller.results()

    def _lead(self) -> None:
        """Make a step for the waiting callers, and let one that has arrived meanwhile lead the next."""
        callers = self._next()
        try:
            self._serve(callers)
        finally:
            with self._lock:
                next_leader = self._waiting[0] if self._waiting else None
                self._is_led = next_leader is not None
            for caller in callers:
                caller.wake()
            if next_leader is not None:
                next_leader.wake()

    def _next(self) -> Sequence[_Caller[T, R]]:
        """Remove the callers of the next step from those that wait; the leader comes first."""
        with self._lock:
            callers = [self._waiting.popleft()]
            count = len(callers[0].things)
            while self._waiting and count + len(self._waiting[0].things) <= self._max_things:
                callers.append(self._waiting.popleft())
                count += len(callers[-1].things)
            return callers

    def _serve(self, callers: Sequence[_Caller[T, R]]) -> None:
        try:
            results = self._step([thing for caller in callers for thing in caller.things])
        except BaseException as error:  # noqa: BLE001  each caller gets it, and none may be left waiting
            for caller in callers:
                caller.fail(error)
            return
        begin = 0
        for caller in callers:
            end = begin + len(caller.things)
            caller.serve(results[begin:end])
            begin = end


class _Caller(Generic[T, R]):
    """A caller with its things, and their results."""

    def __init__(self, things: Sequence[T]) -> None:
        self.things = things
        self._asleep = threading.Lock()  # ten times as fast as an Event
        self._asleep.acquire()
        self._results: Sequence[R] | None = None
        self._error: BaseException | None = None

    @property
    def is_served(self) -> bool:
        return self._results is not None or self._error is not None

    def wait(self) -> None:
        """Return when the things are done, or when this caller must lead the next step."""
        self._asleep.acquire()

    def wake(self) -> None:
        """Let `wait` return, now or when it is called."""
        self._asleep.release()

    def serve(self, results: Sequence[R]) -> None:
        self._results = results

    def fail(self, error: BaseException) -> None:
        self._error, self._traceback = error, error.__traceback__

    def results(self) -> Sequence[R]:
        if self._error is not None:
            raise self._error.with_traceback(self._traceback)  # or each caller's frames would be added to it
        assert self._results is not None  # noqa: S101  it has been served
        return self._results
