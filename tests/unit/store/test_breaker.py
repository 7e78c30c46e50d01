"""The breaker: who may call a server that has timed out."""

from __future__ import annotations

import pytest

from webhooks.errors import StorageUnavailable
from webhooks.store.breaker import PAUSE, Breaker


class Clock:
    """Seconds that only a test moves."""

    now = 100.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def breaker(clock: Clock) -> Breaker:
    return Breaker(clock)


def is_refused(breaker: Breaker) -> bool:
    """Return whether a caller may not call the server."""
    try:
        breaker.check()
    except StorageUnavailable:
        return True
    return False


def test_all_callers_may_call_a_healthy_server(breaker: Breaker) -> None:
    assert not any(is_refused(breaker) for _ in range(3))


def test_no_caller_calls_a_server_that_has_just_timed_out(breaker: Breaker, clock: Clock) -> None:
    breaker.timed_out()
    assert is_refused(breaker)
    clock.now += PAUSE - 0.01
    assert is_refused(breaker)


def test_one_caller_at_a_time_tests_an_unresponsive_server(breaker: Breaker, clock: Clock) -> None:
    breaker.timed_out()
    for _ in range(3):
        clock.now += PAUSE
        assert [is_refused(breaker) for _ in range(3)] == [False, True, True]


def test_all_callers_may_call_a_server_that_answers_again(breaker: Breaker, clock: Clock) -> None:
    breaker.timed_out()
    clock.now += PAUSE
    breaker.check()
    breaker.answered()
    assert not any(is_refused(breaker) for _ in range(3))
