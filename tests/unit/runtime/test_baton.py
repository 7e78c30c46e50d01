"""The baton: one thread at a time holds it, in the order of their requests."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial

import pytest

from webhooks.runtime.baton import Baton
from webhooks_local.fleet import wait_until

PATIENCE = 5.0


@pytest.fixture
def baton() -> Baton:
    return Baton()


def started(action: Callable[[], None]) -> threading.Thread:
    thread = threading.Thread(target=action)
    thread.start()
    return thread


def test_the_baton_is_passed_on_in_order_of_request(baton: Baton) -> None:
    """Also while its holder asks again at once: no waiting thread is overtaken."""
    order: list[int] = []

    def take(number: int) -> None:
        with baton:
            order.append(number)

    threads: list[threading.Thread] = []
    with baton:
        for number in range(5):
            threads.append(started(partial(take, number)))
            wait_until(lambda: baton.waiting == len(threads), PATIENCE, "waiting")
    take(5)
    for thread in threads:
        thread.join(PATIENCE)
    assert order == [0, 1, 2, 3, 4, 5]


def test_one_thread_at_a_time_holds_the_baton(baton: Baton) -> None:
    inside: list[int] = []
    most: list[int] = []

    def work() -> None:
        for _ in range(200):
            with baton:
                inside.append(1)
                threading.Event().wait(0)  # gives the others a chance
                most.append(len(inside))
                inside.pop()

    for thread in [started(work) for _ in range(4)]:
        thread.join(PATIENCE)
    assert most == [1] * 800


def test_a_failing_holder_passes_the_baton_on(baton: Baton) -> None:
    with pytest.raises(ZeroDivisionError), baton:
        raise ZeroDivisionError
    taken = threading.Event()

    def take() -> None:
        with baton:
            taken.set()

    started(take).join(PATIENCE)
    assert taken.is_set()
