"""Hanging: what calls that last to their deadline tell of a receiver, and of others at its host."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import inf

from webhooks.http.call import Detail, Failure, Outcome

#: After so many calls that lasted to their deadline a receiver hangs. Each more counts, up to a few, and each that
#: ended sooner halves the count: it must answer some before it is trusted.
TIMEOUTS_UNTIL_UNRESPONSIVE = 3
MAX_TIMEOUTS_COUNTED = 15
#: For so many seconds after a host has hung its receivers are in doubt. Where some of them answer and some do not,
#: the host's count goes up and down.
DOUBT_SECONDS = 60.0


@dataclass
class Health:
    """How the latest calls to a receiver, or to all of a host, have ended.

    Attributes:
        timeouts: a count of those that lasted to their deadline.
        answered: when one ended sooner last.
        hung: when it hung last.
        hangs_since: when that began.
    """

    timeouts: int = 0
    answered: float = -inf
    hung: float = -inf
    hangs_since: float = -inf

    @property
    def hangs(self) -> bool:
        """Whether so many calls lasted to their deadline that few are made."""
        return self.timeouts >= TIMEOUTS_UNTIL_UNRESPONSIVE

    def has_hung(self, now: float) -> bool:
        """Tell whether it hangs, or did a moment ago."""
        return now - self.hung <= DOUBT_SECONDS

    def note(self, outcome: Outcome, now: float) -> None:
        """Learn from a call that has ended."""
        if outcome.failure is Failure.TIMEOUT or outcome.detail is Detail.BODY_TIMEOUT:
            self.timeouts = min(self.timeouts + 1, MAX_TIMEOUTS_COUNTED)
        else:
            self.timeouts //= 2
            self.answered = now
        if self.hangs:
            if not self.has_hung(now):
                self.hangs_since = now
            self.hung = now


@dataclass
class Receiver:
    """What is known of a URL: its health, and how many calls to it are under way.

    When its host hangs it may be the cause, may hang as well, or be in order: it is in doubt until it answers.
    """

    health: Health = field(default_factory=Health)
    in_flight: int = 0

    def hangs(self, host: Health, now: float) -> bool:
        """Tell whether it hangs. If it is in doubt, one call that lasted to its deadline is enough."""
        return self.health.timeouts > 0 and (self.health.hangs or self._is_in_doubt(host, now))

    def is_tried(self, host: Health, now: float) -> bool:
        """Tell whether it is in doubt and the call that will tell is under way."""
        return self.in_flight > 0 and self.health.timeouts == 0 and self._is_in_doubt(host, now)

    def _is_in_doubt(self, host: Health, now: float) -> bool:
        return host.has_hung(now) and self.health.answered < host.hangs_since
