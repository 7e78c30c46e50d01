"""Under way: the calls that a host or an account has at the moment, and what these tell of others' turns."""

from __future__ import annotations

from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Iterable
from enum import StrEnum
from math import inf
from operator import attrgetter

from msgspec import Struct

from webhooks.admission.open_files import MAX_CALLS
from webhooks.admission.unresponsive import Health, Receiver
from webhooks.deliveries.ledger import Claim
from webhooks.http.call import Call, Outcome
from webhooks.http.destinations import host_and_port

#: Calls that one worker has in flight to a host at most, and beside them to those of its receivers that hang. As
#: many wait as are answered in a second; or, while nobody knows how many that are, as many as are in flight. Of a
#: worker that makes few calls at a time, a host has half of the places at most, and a tenth of them beside.
HOST_SLOTS = 100
PROBE_SLOTS = 20
MIN_SLOTS = 4
#: An account may have so many times as many calls to a host as are free there for others: of 100 it gets 75. Of
#: the gentle places a receiver may have as many as are free for others: of 20 it gets 10, and among many one.
HOST_SHARE = 3
PROBE_SHARE = 1
#: Seconds from which on the calls of an account are slow. The places of quicker ones are soon free again.
SLOW = 1.0


class AdmissionDecision(StrEnum):
    """When a call may be made."""

    NOW = "now"
    WAIT = "wait"
    HOST_IS_FULL = "host"
    RECEIVER_HANGS = "hangs"
    ACCOUNT_IS_FULL = "account"
    OUT_OF_RESOURCES = "resources"


class Candidate(Struct, frozen=True):
    """A call that is ready to be made."""

    claim: Claim
    call: Call

    @property
    def host(self) -> str:
        """Where it goes: the host and port of its URL."""
        host, port = host_and_port(self.call.url)
        return f"{host}:{port}"

    def queue(self, turn: AdmissionDecision) -> str:
        """Return the queue in which it waits with this turn: one for each, so that none waits behind others."""
        claim = self.claim
        return {
            AdmissionDecision.ACCOUNT_IS_FULL: f"account:{claim.account}",
            AdmissionDecision.HOST_IS_FULL: f"host:{self.host} account:{claim.account}",
            AdmissionDecision.RECEIVER_HANGS: f"hanging:{self.host} webhook:{claim.owner} {claim.action}",
            AdmissionDecision.OUT_OF_RESOURCES: f"resources account:{claim.account}",
        }[turn]


class InFlight:
    """Calls that are under way, by when they began, and how long calls take: an average of the latest."""

    def __init__(self) -> None:
        self.began: dict[tuple[str, str], float] = {}
        self.seconds: float | None = None

    @property
    def in_flight(self) -> int:
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

    def end(self, prepared: Candidate, outcome: Outcome | None) -> None:
        """Take out a call that has ended, and learn from it, unless it came to nothing by our own fault."""
        self.began.pop(prepared.claim.key, None)
        if outcome is None:
            return
        seconds = outcome.milliseconds / 1000
        self.seconds = seconds if self.seconds is None else 0.9 * self.seconds + 0.1 * seconds


class Waiting(Struct, frozen=True):
    """A call that waits for a place: whose it is among those who take turns, and since when it waits."""

    prepared: Candidate
    whose: str
    since: float


class WaitingLine:
    """Calls that wait. Those whose they are take turns; of each the first comes first."""

    def __init__(self) -> None:
        self._by_age: OrderedDict[tuple[str, str], Waiting] = OrderedDict()
        self._of_each: dict[str, deque[Waiting]] = {}

    def __len__(self) -> int:
        return len(self._by_age)

    def add(self, waiting: Waiting) -> None:
        """Have one more wait."""
        self._by_age[waiting.prepared.claim.key] = waiting
        self._of_each.setdefault(waiting.whose, deque()).append(waiting)

    def waiters(self) -> Iterable[str]:
        """Return those of whom any wait; whose turn was longest ago comes first."""
        return self._of_each

    def pop(self, whose: str) -> Waiting:
        """Take out the first of somebody, whose turn comes last then."""
        row = self._of_each.pop(whose)
        waiting = row.popleft()
        if row:
            self._of_each[whose] = row
        del self._by_age[waiting.prepared.claim.key]
        return waiting

    def pop_oldest(self, latest: float) -> Waiting | None:
        """Take out what has waited longest, if it has since then or longer."""
        oldest = next(iter(self._by_age.values()), None)
        return self.pop(oldest.whose) if oldest is not None and oldest.since <= latest else None


class Slots(InFlight):
    """Calls to a host that share a number of places, and who waits for one.

    Args:
        size: how many may be under way.
        share: somebody may have so many times as many as are free for others.
        whose: tells whose a call is.
        refusal: what is said to whoever must come back later.
    """

    def __init__(
        self, size: int, share: int, whose: Callable[[Candidate], str], refusal: AdmissionDecision
    ) -> None:
        super().__init__()
        self.refusal = refusal
        self.line = WaitingLine()
        self._size = size
        self._share = share
        self._whose = whose
        self._of_each: Counter[str] = Counter()
        self._ended = -inf

    def waited(self, now: float) -> float:
        """Return for how long none has ended; a host that takes its time over some may answer all others."""
        return min(super().waited(now), now - self._ended)

    def has_one_for(self, prepared: Candidate) -> bool:
        """Tell whether this call may be made."""
        return self._may_have_one(self._whose(prepared))

    def may_wait(self, now: float) -> bool:
        """Tell whether one more may wait for a place."""
        pace = self.pace(now)
        return len(self.line) < (self._size / pace if pace else self._size)

    def wait(self, prepared: Candidate, now: float) -> None:
        """Have a call wait for a place."""
        self.line.add(Waiting(prepared, self._whose(prepared), now))

    def next_in_line(self) -> Waiting | None:
        """Take the next that may be made out of the line."""
        if self.in_flight >= self._size:
            return None
        whose = next(filter(self._may_have_one, self.line.waiters()), None)
        return None if whose is None else self.line.pop(whose)

    def give(self, prepared: Candidate, now: float) -> None:
        """Have a call begin."""
        self.began[prepared.claim.key] = now
        self._of_each[self._whose(prepared)] += 1

    def take_back(self, prepared: Candidate, outcome: Outcome | None, now: float) -> None:
        """Have a call end."""
        self.end(prepared, outcome)
        if outcome is not None:
            self._ended = now
        whose = self._whose(prepared)
        self._of_each[whose] -= 1
        if self._of_each[whose] <= 0:
            del self._of_each[whose]

    def _may_have_one(self, whose: str) -> bool:
        free = self._size - self.in_flight
        return free > 0 and self._of_each[whose] < self._share * free


class HostSlots:
    """The calls to a host. Receivers of it that hang have places of their own, and hold up no others.

    Args:
        most_calls: that the worker makes at a time.
    """

    def __init__(self, most_calls: int = MAX_CALLS) -> None:
        self.health = Health()
        places, gentle = part_of(most_calls, 2, HOST_SLOTS), part_of(most_calls, 10, PROBE_SLOTS)
        self._answering = Slots(places, HOST_SHARE, attrgetter("claim.account"), AdmissionDecision.HOST_IS_FULL)
        self._hanging = Slots(gentle, PROBE_SHARE, attrgetter("call.url"), AdmissionDecision.RECEIVER_HANGS)

    @property
    def in_flight(self) -> int:
        """How many there are."""
        return self._answering.in_flight + self._hanging.in_flight

    def places_for(self, receiver: Receiver, now: float) -> Slots:
        """Return where a call to a receiver may have a place."""
        return self._hanging if receiver.hangs(self.health, now) else self._answering


def part_of(most_calls: int, divisor: int, most: int) -> int:
    """Return how many of a worker's calls one of those who share them may have, `MIN_SLOTS` at least."""
    return min(most, max(MIN_SLOTS, most_calls // divisor))
