"""Signs of life of a worker's main loop."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from webhooks_worker.signs_of_life import INTERVAL, signs_of_life


class Consumer:
    """The part of Celery that the step needs; it is also the timer and its entry."""

    def __init__(self) -> None:
        self.timer = self
        self.repeated: list[tuple[float, Callable[[], None]]] = []

    def call_repeatedly(self, seconds: float, call: Callable[[], None]) -> Any:
        """Record a call that repeats until `cancel`."""
        self.repeated.append((seconds, call))
        return self

    def cancel(self) -> None:
        """Cancel the repetition."""
        self.repeated.clear()


def test_a_sign_of_life_is_given_at_once_and_repeated_until_the_stop() -> None:
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


def test_signs_of_life_that_never_started_can_be_stopped() -> None:
    """Celery stops every step if one of them could not start."""
    consumer = Consumer()
    signs_of_life(lambda: None)(consumer).stop(consumer)
