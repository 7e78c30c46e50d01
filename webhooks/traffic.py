"""Traffic: which calls may be made now, so that no receiver and no account holds up the others."""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from math import inf
from time import monotonic
from urllib.parse import urlsplit

from msgspec import Struct

from webhooks.calls import Call
from webhooks.deliveries import Detail, Failure, Outcome
from webhooks.destinations import HTTPS_PORT
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
#: Calls that an account may have under way however full the worker is.
ACCOUNT_PLACES = 50
#: Seconds from which on the calls of an account are slow. The places of quicker ones are soon free again.
SLOW = 1.0
#: Seconds that a call waits for its turn at most; its lease runs meanwhile.
LONGEST_WAIT = 2.5
#: Hosts and accounts that are remembered; with more, those without a call under way are forgotten.
MOST_REMEMBERED = 10_000


class Turn(StrEnum):
    """When a call may be made."""

    NOW = "now"
    WAIT = "wait"
    HOST_IS_FULL = "host"
    ACCOUNT_IS_FULL = "account"


class Prepared(Struct, frozen=True):
    """A call that is ready to be made."""

    claim: Claim
    call: Call

    @property
    def host(self) -> str:
        """Where it goes: the host and port of its URL."""
        return _host(self.call.url)


@lru_cache(MOST_REMEMBERED)
def _host(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.hostname}:{parts.port or HTTPS_PORT}"


@dataclass
class _Account:
    """An account's calls under way, by when they began, and how long calls take: an average of the latest."""

    began: dict[tuple[str, str], float] = field(default_factory=dict)
    seconds: float | None = None

    @property
    def under_way(self) -> int:
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
        return (self.pace(now) or 0.0) >= SLOW

    def note(self, outcome: Outcome) -> None:
        seconds = outcome.milliseconds / 1000
        self.seconds = seconds if self.seconds is None else 0.9 * self.seconds + 0.1 * seconds


@dataclass
class _Host(_Account):
    """The same of a host; when a call ended last; how many are of which account; what waits, and since when."""

    ended: float = -inf
    timeouts: int = 0
    of_account: Counter[str] = field(default_factory=Counter)
    waiting: deque[tuple[float, Prepared]] = field(default_factory=deque)

    def waited(self, now: float) -> float:
        # A host that takes its time over some calls may answer all others at once.
        return min(super().waited(now), now - self.ended)

    @property
    def is_gentle(self) -> bool:
        return self.timeouts >= TIMEOUTS_UNTIL_GENTLE

    @property
    def places(self) -> int:
        return GENTLE_PLACES if self.is_gentle else HOST_PLACES

    def has_place_for(self, account: str) -> bool:
        free = self.places - self.under_way
        return free > 0 and self.of_account[account] < HOST_SHARE * free

    def forget_one_of(self, account: str) -> None:
        self.of_account[account] -= 1
        if self.of_account[account] <= 0:
            del self.of_account[account]

    def may_wait(self, now: float) -> bool:
        pace = self.pace(now)
        return len(self.waiting) < (self.places / pace if pace else self.places)

    def note(self, outcome: Outcome) -> None:
        super().note(outcome)
        if outcome.failure is Failure.TIMEOUT or outcome.detail is Detail.BODY_TIMEOUT:
            self.timeouts = min(self.timeouts + 1, MOST_TIMEOUTS_COUNTED)
        else:
            self.timeouts //= 2


class Traffic:
    """Knows the calls that are under way, to which host and for which account. Any thread may ask.

    Args:
        free: tells how many places the worker has left.
        now: seconds by a clock that is never set.
    """

    def __init__(self, free: Callable[[], int], now: Callable[[], float] = monotonic) -> None:
        self._free = free
        self._now = now
        self._lock = threading.Lock()
        self._hosts: dict[str, _Host] = {}
        self._accounts: dict[str, _Account] = {}
        self._waited_for: dict[str, _Host] = {}

    def enter(self, prepared: Prepared) -> Turn:
        """Take a place for a call, to be made now or when `leave` returns it; or none, if it must come back later.

        A slow account gets no more places than are left for all others: there is room for whoever comes next.
        """
        with self._lock:
            now = self._now()
            host, account = self._host(prepared), self._account(prepared)
            if account.under_way >= max(ACCOUNT_PLACES, self._free()) and account.is_slow(now):
                return Turn.ACCOUNT_IS_FULL
            if host.has_place_for(prepared.claim.account):
                _begin(prepared, host, account, now)
                return Turn.NOW
            if host.may_wait(now):
                host.waiting.append((now, prepared))
                self._waited_for[prepared.host] = host
                account.began[prepared.claim.key] = now
                return Turn.WAIT
            return Turn.HOST_IS_FULL

    def leave(self, prepared: Prepared, outcome: Outcome) -> list[tuple[Prepared, Turn]]:
        """Give back the place of a call that has ended; returns those whose waiting is over, and their turns."""
        with self._lock:
            host, account = self._host(prepared), self._account(prepared)
            for one in (host, account):
                one.began.pop(prepared.claim.key, None)
                one.note(outcome)
            host.forget_one_of(prepared.claim.account)
            now = host.ended = self._now()
            return self._next(host, now)

    def overdue(self) -> list[Prepared]:
        """Send away those who have waited for too long, and return them."""
        with self._lock:
            return self._send_away(self._now() - LONGEST_WAIT)

    def clear(self) -> list[Prepared]:
        """Send away all that wait, and return them."""
        with self._lock:
            return self._send_away(self._now())

    def _next(self, host: _Host, now: float) -> list[tuple[Prepared, Turn]]:
        turns = []
        while host.waiting:
            since, prepared = host.waiting[0]
            if host.is_gentle or now - since > LONGEST_WAIT:
                turns.append((self._pop(host), Turn.HOST_IS_FULL))
            elif host.has_place_for(prepared.claim.account):
                turns.append((self._pop(host), Turn.NOW))
                _begin(prepared, host, self._account(prepared), now)
            else:
                break
        return turns

    def _send_away(self, latest: float) -> list[Prepared]:
        """Take those out who have waited since then or longer."""
        sent = []
        for name, host in list(self._waited_for.items()):
            while host.waiting and host.waiting[0][0] <= latest:
                sent.append(self._pop(host))
            if not host.waiting:
                del self._waited_for[name]
        return sent

    def _pop(self, host: _Host) -> Prepared:
        _, prepared = host.waiting.popleft()
        self._account(prepared).began.pop(prepared.claim.key, None)
        return prepared

    def _host(self, prepared: Prepared) -> _Host:
        if (host := self._hosts.get(prepared.host)) is None:
            _forget_idle(self._hosts)
            host = self._hosts[prepared.host] = _Host()
        return host

    def _account(self, prepared: Prepared) -> _Account:
        if (account := self._accounts.get(prepared.claim.account)) is None:
            _forget_idle(self._accounts)
            account = self._accounts[prepared.claim.account] = _Account()
        return account


def _begin(prepared: Prepared, host: _Host, account: _Account, now: float) -> None:
    key = prepared.claim.key
    host.began[key] = account.began[key] = now
    host.of_account[prepared.claim.account] += 1


def _forget_idle(remembered: dict[str, _Host] | dict[str, _Account]) -> None:
    """Make room for one more, if there are too many."""
    if len(remembered) >= MOST_REMEMBERED:
        for name in [name for name, one in remembered.items() if one.under_way == 0]:
            del remembered[name]
