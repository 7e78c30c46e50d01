"""Traffic: which calls may be made now, so that no receiver and no account holds up the others."""

from __future__ import annotations

import threading
from collections.abc import Callable
from time import monotonic
from typing import Protocol, TypeVar

from webhooks.deliveries import Outcome
from webhooks.hanging import Receiver
from webhooks.under_way import Host, Places, Prepared, Turn, UnderWay

#: Calls that an account may have under way however full the worker is.
ACCOUNT_PLACES = 50
#: Seconds that a call waits for its turn at most; its lease runs meanwhile.
LONGEST_WAIT = 2.5
#: Hosts, receivers and accounts that are remembered, of each; with more, those without a call under way are not.
MOST_REMEMBERED = 10_000


class _Counted(Protocol):
    @property
    def under_way(self) -> int: ...


Known = TypeVar("Known", bound=_Counted)


class Remembered(dict[str, Known]):
    """What is known of each, by its name; nothing of one that is new. Of too many, the idle are forgotten.

    Args:
        new: makes what is known of one that is new.
    """

    def __init__(self, new: Callable[[], Known]) -> None:
        super().__init__()
        self._new = new

    def __missing__(self, name: str) -> Known:
        if len(self) >= MOST_REMEMBERED:
            for idle in [name for name, one in self.items() if one.under_way == 0]:
                del self[idle]
        one = self[name] = self._new()
        return one


class Traffic:
    """Knows the calls that are under way, where to and for which account. Any thread may ask.

    Args:
        free: tells how many places the worker has left.
        now: seconds by a clock that is never set.
    """

    def __init__(self, free: Callable[[], int], now: Callable[[], float] = monotonic) -> None:
        self._free = free
        self._now = now
        self._lock = threading.Lock()
        self._hosts = Remembered(Host)
        self._receivers = Remembered(Receiver)
        self._accounts = Remembered(UnderWay)
        self._waited_for: set[Places] = set()

    def enter(self, prepared: Prepared) -> Turn:
        """Take a place for a call, to be made now or when `leave` returns it; or none, if it must come back later.

        A slow account gets no more places than are left for all others: there is room for whoever comes next.
        """
        with self._lock:
            now = self._now()
            account = self._accounts[prepared.claim.account]
            if account.under_way >= max(ACCOUNT_PLACES, self._free()) and account.is_slow(now):
                return Turn.ACCOUNT_IS_FULL
            places = self._hosts[prepared.host].places_for(self._receivers[prepared.call.url])
            if places is None:
                return Turn.RECEIVER_HANGS
            if places.has_one_for(prepared.claim.account):
                self._begin(prepared, places, now)
                return Turn.NOW
            if places.may_wait(now):
                places.line.add(prepared, now)
                self._waited_for.add(places)
                account.began[prepared.claim.key] = now
                return Turn.WAIT
            return places.refusal

    def leave(self, prepared: Prepared, outcome: Outcome) -> list[tuple[Prepared, Turn]]:
        """Give back the place of a call that has ended; returns those whose waiting is over, and their turns."""
        with self._lock:
            now = self._now()
            host, receiver = self._hosts[prepared.host], self._receivers[prepared.call.url]
            places = host.places_of(prepared)
            places.take_back(prepared, outcome, now)
            self._accounts[prepared.claim.account].end(prepared, outcome)
            receiver.under_way -= 1
            receiver.note(outcome, now)
            host.health.note(outcome, now)
            return self._next(host, places, now)

    def overdue(self) -> list[tuple[Prepared, Turn]]:
        """Send away those who have waited for too long, and return them with their turns."""
        with self._lock:
            return self._send_away(self._now() - LONGEST_WAIT)

    def clear(self) -> list[tuple[Prepared, Turn]]:
        """Send away all that wait, and return them with their turns."""
        with self._lock:
            return self._send_away(self._now())

    def _next(self, host: Host, places: Places, now: float) -> list[tuple[Prepared, Turn]]:
        turns = []
        while account := next(filter(places.has_one_for, places.line), None):
            since, prepared = places.line.pop(account)
            self._wait_no_more(prepared)
            if places is host.answering and host.places_for(self._receivers[prepared.call.url]) is not places:
                turns.append((prepared, Turn.RECEIVER_HANGS))
            elif now - since > LONGEST_WAIT:
                turns.append((prepared, places.refusal))
            else:
                turns.append((prepared, Turn.NOW))
                self._begin(prepared, places, now)
        return turns

    def _send_away(self, latest: float) -> list[tuple[Prepared, Turn]]:
        """Take those out who have waited since then or longer."""
        sent = []
        for places in list(self._waited_for):
            while prepared := places.line.pop_oldest(latest):
                self._wait_no_more(prepared)
                sent.append((prepared, places.refusal))
            if not places.line:
                self._waited_for.remove(places)
        return sent

    def _wait_no_more(self, prepared: Prepared) -> None:
        self._accounts[prepared.claim.account].began.pop(prepared.claim.key, None)

    def _begin(self, prepared: Prepared, places: Places, now: float) -> None:
        places.give(prepared, now)
        self._accounts[prepared.claim.account].began[prepared.claim.key] = now
        self._receivers[prepared.call.url].under_way += 1
