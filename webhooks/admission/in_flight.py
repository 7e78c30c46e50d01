"""The calls that an account, or the receivers of a host, have in flight, and how long they take."""

from __future__ import annotations

from webhooks.admission.candidate import Candidate
from webhooks.admission.thresholds import SLOW_SECONDS
from webhooks.http.call import Outcome


class InFlight:
    """Calls in flight by the time at which they began, and the average duration of the latest calls."""

    def __init__(self) -> None:
        self.began: dict[tuple[str, str], float] = {}
        self.average: float | None = None

    @property
    def in_flight(self) -> int:
        """How many calls are in flight."""
        return len(self.began)

    def duration(self, now: float) -> float | None:
        """Return the seconds that calls take, whether they have ended or not; None if unknown."""
        age = self.age(now)
        if self.average is None:
            return age if age >= SLOW_SECONDS else None
        return max(self.average, age)

    def age(self, now: float) -> float:
        """Return for how many seconds the oldest call has been in flight."""
        return now - next(iter(self.began.values()), now)

    def is_slow(self, now: float) -> bool:
        """Report whether calls are slow."""
        return (self.duration(now) or 0.0) >= SLOW_SECONDS

    def end(self, candidate: Candidate, outcome: Outcome | None) -> None:
        """Remove a call that has ended.

        Args:
            outcome: None if the call failed by our own fault: then its duration says nothing.
        """
        self.began.pop(candidate.key, None)
        if outcome is None:
            return
        seconds = outcome.milliseconds / 1000
        self.average = seconds if self.average is None else 0.9 * self.average + 0.1 * seconds
