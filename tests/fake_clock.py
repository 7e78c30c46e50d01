"""A clock for the client and the command line that passes time without waiting."""

from __future__ import annotations

from webhooks_client.retries import Clock


class FakeClock:
    """Time advances only by sleeping.

    Attributes:
        seconds: the time that has passed.
        waits: the durations of all sleeps.
    """

    def __init__(self) -> None:
        self.seconds = 0.0
        self.waits: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.seconds += seconds

    @property
    def clock(self) -> Clock:
        """The clock to pass to the code under test."""
        return Clock(now=lambda: self.seconds, sleep=self.sleep, jitter=lambda: 0.0)
