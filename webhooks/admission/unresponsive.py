"""Which receivers and hosts are unresponsive, as far as their latest calls show."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import inf

from webhooks.admission.thresholds import DOUBT_SECONDS, MAX_TIMEOUTS_COUNTED, TIMEOUTS_UNTIL_UNRESPONSIVE
from webhooks.http.call import Detail, Failure, Outcome


@dataclass
class Health:
    """How the latest calls to a receiver, or to all receivers of a host, have ended; times are monotonic seconds.

    Attributes:
        timeouts: a count of calls that lasted to their deadline.
        answered_at: when a call last ended sooner.
        unresponsive_at: when it was last found unresponsive.
        unresponsive_since: when that began.
    """

    timeouts: int = 0
    answered_at: float = -inf
    unresponsive_at: float = -inf
    unresponsive_since: float = -inf

    @property
    def is_unresponsive(self) -> bool:
        """Whether so many calls lasted to their deadline that only a few are made."""
        return self.timeouts >= TIMEOUTS_UNTIL_UNRESPONSIVE

    def was_unresponsive(self, now: float) -> bool:
        """Report whether it is unresponsive, or was within `DOUBT_SECONDS`."""
        return now - self.unresponsive_at <= DOUBT_SECONDS

    def note(self, outcome: Outcome, now: float) -> None:
        """Take the outcome of a call into account."""
        if outcome.failure is Failure.TIMEOUT or outcome.detail is Detail.BODY_TIMEOUT:
            self.timeouts = min(self.timeouts + 1, MAX_TIMEOUTS_COUNTED)
        else:
            self.timeouts //= 2
            self.answered_at = now
        if self.is_unresponsive:
            if not self.was_unresponsive(now):
                self.unresponsive_since = now
            self.unresponsive_at = now


@dataclass
class Receiver:
    """What is known of a URL: its health, and how many calls to it are in flight.

    When its host is unresponsive, the receiver may be the cause, may be affected as well, or may be in order. It
    is in doubt until it answers.
    """

    health: Health = field(default_factory=Health)
    in_flight: int = 0

    def is_unresponsive(self, host: Health, now: float) -> bool:
        """Report whether it is unresponsive. In doubt, one call that lasted to its deadline is enough."""
        return self.health.timeouts > 0 and (self.health.is_unresponsive or self._is_in_doubt(host, now))

    def is_being_probed(self, host: Health, now: float) -> bool:
        """Report whether it is in doubt, and the call that will decide is in flight."""
        return self.in_flight > 0 and self.health.timeouts == 0 and self._is_in_doubt(host, now)

    def _is_in_doubt(self, host: Health, now: float) -> bool:
        return host.was_unresponsive(now) and self.health.answered_at < host.unresponsive_since
