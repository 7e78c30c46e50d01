"""The breaker: who may ask a server that hung."""

from __future__ import annotations

import pytest

from webhooks.errors import StorageUnavailable
from webhooks.store.breaker import PAUSE, Breaker


class Clock:
    """Seconds, standing still until a test moves them."""

    now = 100.0

    def __call__(self) -> float:
        """Tell the time."""
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def breaker(clock: Clock) -> Breaker:
    return Breaker(clock)


def is_refused(breaker: Breaker) -> bool:
    """Report whether a caller may not ask."""
    try:
        breaker.check()
    except StorageUnavailable:
        return True
    return False


def test_all_may_ask_a_server_that_answers(breaker: Breaker) -> None:
    assert not any(is_refused(breaker) for _ in range(3))


def test_no_one_asks_a_server_that_has_just_hung(breaker: Breaker, clock: Clock) -> None:
    breaker.timed_out()
    assert is_refused(breaker)
    clock.now += PAUSE - 0.01
    assert is_refused(breaker)


def test_one_caller_in_a_while_finds_out(breaker: Breaker, clock: Clock) -> None:
    breaker.timed_out()
    for _ in range(3):
        clock.now += PAUSE
        assert [is_refused(breaker) for _ in range(3)] == [False, True, True]


def test_when_it_answers_all_may_ask_again(breaker: Breaker, clock: Clock) -> None:
    breaker.timed_out()
    clock.now += PAUSE
    breaker.check()
    breaker.answered()
    assert not any(is_refused(breaker) for _ in range(3))
