"""Hanging: what calls that last to their deadline tell of a receiver, and of others at its host."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

from webhooks.deliveries import Detail, Failure, Outcome

#: After so many calls that lasted to their deadline a receiver hangs. Each more counts, up to a few, and each that
#: ended sooner halves the count: it must answer some before it is trusted.
TIMEOUTS_UNTIL_HANGING = 3
MOST_TIMEOUTS_COUNTED = 15
#: When a host has not hung for so many seconds, it begins to anew. Until then it goes on: where some receivers
#: answer and some do not, its count goes up and down.
CALM = 60.0


@dataclass
class Health:
    """What is known of a receiver, or of all at a host together: how its latest calls have ended.

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
        return self.timeouts >= TIMEOUTS_UNTIL_HANGING

    def note(self, outcome: Outcome, now: float) -> None:
        """Learn from a call that has ended."""
        if outcome.failure is Failure.TIMEOUT or outcome.detail is Detail.BODY_TIMEOUT:
            self.timeouts = min(self.timeouts + 1, MOST_TIMEOUTS_COUNTED)
        else:
            self.timeouts //= 2
            self.answered = now
        if self.hangs:
            if now - self.hung > CALM:
                self.hangs_since = now
            self.hung = now


@dataclass
class Receiver(Health):
    """The same of a URL, and how many calls to it are under way.

    One at a host that hangs may be the cause of it, may hang as well, or be in order: its own calls tell.
    """

    under_way: int = 0

    def hangs_at(self, host: Health) -> bool:
        """Tell whether it hangs. At a host that does, one call that lasted to its deadline is enough."""
        return self.hangs or (self.timeouts > 0 and not self._has_answered_since(host))

    def is_tried_at(self, host: Health) -> bool:
        """Tell whether one call is under way that will tell whether it hangs, as others at its host do."""
        return self.under_way > 0 and not self._has_answered_since(host)

    def _has_answered_since(self, host: Health) -> bool:
        return not host.hangs or self.answered >= host.hangs_since
