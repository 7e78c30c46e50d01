"""Under way: the calls that a host or an account has at the moment, and what these tell of others' turns."""

from __future__ import annotations

from collections import Counter, OrderedDict, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from math import inf

from msgspec import Struct

from webhooks.calls import Call
from webhooks.deliveries import Outcome
from webhooks.destinations import host_and_port
from webhooks.hanging import Health, Receiver
from webhooks.ledger import Claim

#: Calls that one worker has in flight to a host at most, and beside them to those of its receivers that hang. As
#: many wait as are answered in a second; or, while nobody knows how many that are, as many as are in flight.
HOST_PLACES = 100
GENTLE_PLACES = 20
#: An account may have so many times as many calls to a host as are free there for others: of 100 it gets 75.
HOST_SHARE = 3
#: Seconds from which on the calls of an account are slow. The places of quicker ones are soon free again.
SLOW = 1.0


class Turn(StrEnum):
    """When a call may be made."""

    NOW = "now"
    WAIT = "wait"
    HOST_IS_FULL = "host"
    RECEIVER_HANGS = "hangs"
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


@dataclass(eq=False)
class UnderWay:
    """Calls that are under way, by when they began, and how long calls take: an average of the latest."""

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

    def end(self, prepared: Prepared, outcome: Outcome) -> None:
        """Take out a call that has ended, and learn from it."""
        self.began.pop(prepared.claim.key, None)
        seconds = outcome.milliseconds / 1000
        self.seconds = seconds if self.seconds is None else 0.9 * self.seconds + 0.1 * seconds


class Line:
    """Calls that wait, and since when. Accounts take turns; of each the first comes first."""

    def __init__(self) -> None:
        self._by_age: OrderedDict[tuple[str, str], tuple[float, Prepared]] = OrderedDict()
        self._of_account: dict[str, deque[tuple[str, str]]] = {}

    def __len__(self) -> int:
        return len(self._by_age)

    def __iter__(self) -> Iterator[str]:
        """Give the accounts of which any wait, the one whose turn was longest ago first."""
        return iter(self._of_account)

    def add(self, prepared: Prepared, now: float) -> None:
        """Have one more wait."""
        self._by_age[prepared.claim.key] = (now, prepared)
        self._of_account.setdefault(prepared.claim.account, deque()).append(prepared.claim.key)

    def pop(self, account: str) -> tuple[float, Prepared]:
        """Take out the first of an account, whose turn comes last then."""
        row = self._of_account.pop(account)
        one = self._by_age.pop(row.popleft())
        if row:
            self._of_account[account] = row
        return one

    def pop_oldest(self, latest: float) -> Prepared | None:
        """Take out whoever has waited longest, if it has since then or longer."""
        since, oldest = next(iter(self._by_age.values()), (inf, None))
        if oldest is None or since > latest:
            return None
        return self.pop(oldest.claim.account)[1]


@dataclass(eq=False)
class Places(UnderWay):
    """Calls to a host that share a number of places.

    Attributes:
        size: how many may be under way.
        refusal: what is said to whoever must come back later.
        ended: when a call ended last.
        of_account: how many are of which account.
        line: who waits for a place.
    """

    size: int = HOST_PLACES
    refusal: Turn = Turn.HOST_IS_FULL
    ended: float = -inf
    of_account: Counter[str] = field(default_factory=Counter)
    line: Line = field(default_factory=Line)

    def waited(self, now: float) -> float:
        """Return for how long none has ended; a host that takes its time over some may answer all others."""
        return min(super().waited(now), now - self.ended)

    def has_one_for(self, account: str) -> bool:
        """Tell whether one more call may be made, for this account."""
        free = self.size - self.under_way
        return free > 0 and self.of_account[account] < HOST_SHARE * free

    def may_wait(self, now: float) -> bool:
        """Tell whether one more may wait for a place."""
        pace = self.pace(now)
        return len(self.line) < (self.size / pace if pace else self.size)

    def give(self, prepared: Prepared, now: float) -> None:
        """Have a call begin."""
        self.began[prepared.claim.key] = now
        self.of_account[prepared.claim.account] += 1

    def take_back(self, prepared: Prepared, outcome: Outcome, now: float) -> None:
        """Have a call end."""
        self.end(prepared, outcome)
        self.ended = now
        account = prepared.claim.account
        self.of_account[account] -= 1
        if self.of_account[account] <= 0:
            del self.of_account[account]


class Host:
    """The calls to a host: receivers of it that hang have places of their own, and hold up no others."""

    def __init__(self) -> None:
        self.health = Health()
        self.answering = Places()
        self.hanging = Places(size=GENTLE_PLACES, refusal=Turn.RECEIVER_HANGS)

    @property
    def under_way(self) -> int:
        """How many there are."""
        return self.answering.under_way + self.hanging.under_way

    def places_for(self, receiver: Receiver) -> Places | None:
        """Return where a call to a receiver may have a place; None until the one before has told where."""
        if receiver.hangs_at(self.health):
            return self.hanging
        return None if receiver.is_tried_at(self.health) else self.answering

    def places_of(self, prepared: Prepared) -> Places:
        """Return where a call has its place."""
        return self.hanging if prepared.claim.key in self.hanging.began else self.answering
