"""Under way: the calls that a host or an account has at the moment, and what these tell of others' turns."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field
from enum import StrEnum
from math import inf

from msgspec import Struct

from webhooks.calls import Call
from webhooks.deliveries import Detail, Failure, Outcome
from webhooks.destinations import host_and_port
from webhooks.ledger import Claim

#: Calls that one worker has in flight to a host at most. Beside them wait as many as it answers in a second; or,
#: while nobody knows how many that are, as many as are in flight.
HOST_PLACES = 100
#: An account may have so many times as many calls to a host as are free there for others: of 100 it gets 75.
HOST_SHARE = 3
#: After so many calls that lasted to their deadline a host is tried gently, with few calls in flight. Each more
#: counts, up to a few, and each that ended sooner halves the count: it must answer some before it is trusted.
TIMEOUTS_UNTIL_GENTLE = 3
MOST_TIMEOUTS_COUNTED = 15
GENTLE_PLACES = 20
#: Seconds from which on the calls of an account are slow. The places of quicker ones are soon free again.
SLOW = 1.0
#: Hosts and accounts that are remembered; with more, those without a call under way are forgotten.
MOST_REMEMBERED = 10_000


class Turn(StrEnum):
    """When a call may be made."""

    NOW = "now"
    WAIT = "wait"
    HOST_IS_FULL = "host"
    HOST_HANGS = "hangs"
    ACCOUNT_IS_FULL = "account"


class Prepared(Struct, frozen=True):
    """A call that is ready to be made."""

    claim: Claim
    call: Call

    @property
    def host(self) -> str:
        """Where it goes: the host and port of its URL."""
        host, port = host_and_port(self.call.url)
        return f"{host}:{port}"


@dataclass
class CallsOfAccount:
    """An account's calls under way, by when they began, and how long calls take: an average of the latest."""

    began: dict[tuple[str, str], float] = field(default_factory=dict)
    seconds: float | None = None

    @property
    def under_way(self) -> int:
        """How many there are."""
        return len(self.began)

    def pace(self, now: float) -> float | None:
        """Return the seconds that calls take, by those that ended and those that did not; None if unknown."""
        waited = self.waited(now)
        if self.seconds is None:
            return waited if waited >= SLOW else None
        return max(self.seconds, waited)

    def waited(self, now: float) -> float:
        """Return for how long the oldest call has waited for its end."""
        return now - next(iter(self.began.values()), now)

    def is_slow(self, now: float) -> bool:
        """Tell whether calls take long."""
        return (self.pace(now) or 0.0) >= SLOW

    def note(self, outcome: Outcome) -> None:
        """Learn from a call that has ended."""
        seconds = outcome.milliseconds / 1000
        self.seconds = seconds if self.seconds is None else 0.9 * self.seconds + 0.1 * seconds


@dataclass
class CallsToHost(CallsOfAccount):
    """The same of a host; when a call ended last; how many are of which account; what waits, and since when."""

    ended: float = -inf
    timeouts: int = 0
    of_account: Counter[str] = field(default_factory=Counter)
    waiting: deque[tuple[float, Prepared]] = field(default_factory=deque)

    def waited(self, now: float) -> float:
        """Return for how long none has ended; a host that takes its time over some may answer all others."""
        return min(super().waited(now), now - self.ended)

    @property
    def is_gentle(self) -> bool:
        """Whether so many calls lasted to their deadline that few are made."""
        return self.timeouts >= TIMEOUTS_UNTIL_GENTLE

    @property
    def places(self) -> int:
        """How many calls may be under way."""
        return GENTLE_PLACES if self.is_gentle else HOST_PLACES

    @property
    def refusal(self) -> Turn:
        """What is said to whoever must come back later."""
        return Turn.HOST_HANGS if self.is_gentle else Turn.HOST_IS_FULL

    def has_place_for(self, account: str) -> bool:
        """Tell whether one more call may be made, for this account."""
        free = self.places - self.under_way
        return free > 0 and self.of_account[account] < HOST_SHARE * free

    def forget_one_of(self, account: str) -> None:
        """Count one less under way for an account."""
        self.of_account[account] -= 1
        if self.of_account[account] <= 0:
            del self.of_account[account]

    def may_wait(self, now: float) -> bool:
        """Tell whether one more may wait for a place."""
        pace = self.pace(now)
        return len(self.waiting) < (self.places / pace if pace else self.places)

    def note(self, outcome: Outcome) -> None:
        """Learn from a call that has ended, also whether the host hangs."""
        super().note(outcome)
        if outcome.failure is Failure.TIMEOUT or outcome.detail is Detail.BODY_TIMEOUT:
            self.timeouts = min(self.timeouts + 1, MOST_TIMEOUTS_COUNTED)
        else:
            self.timeouts //= 2
