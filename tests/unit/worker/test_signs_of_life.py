"""Signs of life of a worker's main loop."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from webhooks_worker.signs_of_life import INTERVAL, signs_of_life


class Consumer:
    """As much of Celery's as the step needs; it is its own timer, and the entry in it."""

    def __init__(self) -> None:
        self.timer = self
        self.repeated: list[tuple[float, Callable[[], None]]] = []

    def call_repeatedly(self, seconds: float, call: Callable[[], None]) -> Any:
        """Keep a call that is to be repeated, until `cancel`."""
        self.repeated.append((seconds, call))
        return self

    def cancel(self) -> None:
        """Repeat no more."""
        self.repeated.clear()


def test_a_sign_is_given_at_once_and_repeated_until_the_consumer_stops() -> None:
    given: list[bool] = []

    def give() -> None:
        given.append(True)

    consumer = Consumer()
    step = signs_of_life(give)(consumer)
    step.start(consumer)
    assert given == [True]
    assert consumer.repeated == [(INTERVAL, give)]
    step.stop(consumer)
    assert consumer.repeated == []


def test_what_was_never_started_can_be_stopped() -> None:
    """Celery stops every step when one of them could not be started."""
    consumer = Consumer()
    signs_of_life(lambda: None)(consumer).stop(consumer)
