"""Traffic: which calls may be made now, so that no receiver and no account holds up the others."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from time import monotonic
from urllib.parse import urlsplit

from webhooks.calls import Call
from webhooks.deliveries import Failure, Outcome
from webhooks.destinations import HTTPS_PORT
from webhooks.ledger import Claim

#: Calls that one worker has in flight to a host at most. Beside them wait as many as it answers in a second; or,
#: while nobody knows how many that are, as many as are in flight.
HOST_PLACES = 100
#: After so many calls in a row that ran out of time, a host is tried gently, with few calls in flight, until it
#: answers one.
TIMEOUTS_UNTIL_GENTLE = 3
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


@dataclass(frozen=True)
class Prepared:
    """A call that is ready to be made."""

    claim: Claim
    call: Call

    @property
    def host(self) -> str:
        """Where it goes: the host and port of its URL."""
        parts = urlsplit(self.call.url)
        return f"{parts.hostname}:{parts.port or HTTPS_PORT}"


@dataclass
class _Account:
    """An account's calls under way, and how long its calls take: an average in which the latest weigh most."""

    under_way: int = 0
    seconds: float | None = None

    @property
    def is_slow(self) -> bool:
        return self.seconds is not None and self.seconds >= SLOW

    def note(self, outcome: Outcome) -> None:
        seconds = outcome.milliseconds / 1000
        self.seconds = seconds if self.seconds is None else 0.9 * self.seconds + 0.1 * seconds


@dataclass
class _Host(_Account):
    """The same of a host, and the calls that wait for their turn, each with the moment since when."""

    timeouts: int = 0
    waiting: deque[tuple[float, Prepared]] = field(default_factory=deque)

    @property
    def is_gentle(self) -> bool:
        return self.timeouts >= TIMEOUTS_UNTIL_GENTLE

    @property
    def places(self) -> int:
        return GENTLE_PLACES if self.is_gentle else HOST_PLACES

    @property
    def places_to_wait(self) -> float:
        return self.places / self.seconds if self.seconds else self.places

    def note(self, outcome: Outcome) -> None:
        super().note(outcome)
        self.timeouts = self.timeouts + 1 if outcome.failure is Failure.TIMEOUT else 0


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

    def enter(self, prepared: Prepared) -> Turn:
        """Take a place for a call, to be made now or when `leave` returns it; or none, if it must come back later.

        A slow account gets no more places than are left for all the others together: however many calls it has,
        there is room for whoever comes next.
        """
        with self._lock:
            host, account = self._host(prepared), self._account(prepared)
            if account.is_slow and account.under_way >= max(ACCOUNT_PLACES, self._free()):
                return Turn.ACCOUNT_IS_FULL
            if host.under_way < host.places:
                host.under_way += 1
                account.under_way += 1
                return Turn.NOW
            if len(host.waiting) < host.places_to_wait:
                host.waiting.append((self._now(), prepared))
                account.under_way += 1
                return Turn.WAIT
            return Turn.HOST_IS_FULL

    def leave(self, prepared: Prepared, outcome: Outcome) -> list[tuple[Prepared, Turn]]:
        """Give back the place of a call that has ended; returns those whose waiting is over, and their turns."""
        with self._lock:
            host, account = self._host(prepared), self._account(prepared)
            host.under_way -= 1
            account.under_way -= 1
            host.note(outcome)
            account.note(outcome)
            return self._next(host)

    def clear(self) -> list[Prepared]:
        """Send away all that wait, and return them."""
        with self._lock:
            cleared = [prepared for host in self._hosts.values() for _, prepared in host.waiting]
            for host in self._hosts.values():
                host.waiting.clear()
            for prepared in cleared:
                self._account(prepared).under_way -= 1
            return cleared

    def _next(self, host: _Host) -> list[tuple[Prepared, Turn]]:
        turns = []
        while host.waiting and (host.is_gentle or host.under_way < host.places):
            since, prepared = host.waiting.popleft()
            if host.is_gentle or self._now() - since > LONGEST_WAIT:
                self._account(prepared).under_way -= 1
                turns.append((prepared, Turn.HOST_IS_FULL))
            else:
                host.under_way += 1
                turns.append((prepared, Turn.NOW))
        return turns

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


def _forget_idle(remembered: dict[str, _Host] | dict[str, _Account]) -> None:
    """Make room for one more, if there are too many."""
    if len(remembered) >= MOST_REMEMBERED:
        for name in [name for name, one in remembered.items() if one.under_way == 0]:
            del remembered[name]
