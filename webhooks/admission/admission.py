"""Traffic: which calls may be made now, so that no receiver and no account holds up the others."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from time import monotonic
from typing import Protocol, TypeVar

from msgspec import Struct

from webhooks.admission.open_files import MAX_CALLS
from webhooks.admission.slots import AdmissionDecision, Candidate, HostSlots, InFlight, Slots, Waiting, part_of
from webhooks.admission.unresponsive import Receiver
from webhooks.http.call import Outcome

#: Calls that an account may have under way however full the worker is; a quarter of all, where these are few.
ACCOUNT_SLOTS = 50
#: Seconds that a call waits for its turn at most; its lease runs meanwhile.
MAX_WAIT = 2.5
#: Hosts, receivers and accounts that are remembered, of each; with more, those without a call under way are not.
MAX_REMEMBERED = 10_000


class _Counted(Protocol):
    @property
    def in_flight(self) -> int: ...


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
        if len(self) >= MAX_REMEMBERED:
            for idle in [name for name, one in self.items() if one.in_flight == 0]:
                del self[idle]
        one = self[name] = self._new()
        return one


class _Way(Struct):
    """Where a call goes, and for whom."""

    host: HostSlots
    receiver: Receiver
    account: InFlight

    def places(self, now: float) -> Slots:
        """Return those of which it needs one."""
        return self.host.places_for(self.receiver, now)


class Admission:
    """Knows the calls that are under way, where to and for which account. Any thread may ask.

    Args:
        free: tells how many places the worker has left.
        now: seconds by a clock that is never set.
        most_calls: how many the worker makes at a time.
    """

    def __init__(
        self, free: Callable[[], int], now: Callable[[], float] = monotonic, most_calls: int = MAX_CALLS
    ) -> None:
        self._free = free
        self._of_an_account = part_of(most_calls, 4, ACCOUNT_SLOTS)
        self._now = now
        self._lock = threading.Lock()
        self._hosts = Remembered(partial(HostSlots, most_calls))
        self._receivers = Remembered(Receiver)
        self._accounts = Remembered(InFlight)
        self._taken: dict[tuple[str, str], tuple[_Way, Slots]] = {}
        self._waited_for: set[Slots] = set()

    def enter(self, prepared: Candidate) -> AdmissionDecision:
        """Take a place for a call, to be made now or when `leave` returns it; or none, if it must come back later.

        A slow account gets no more places than are left for all others: there is room for whoever comes next.
        """
        with self._lock:
            now = self._now()
            way = self._way(prepared)
            if way.account.in_flight >= max(self._of_an_account, self._free()) and way.account.is_slow(now):
                return AdmissionDecision.ACCOUNT_IS_FULL
            places = way.places(now)
            if self._begins(prepared, way, places, now):
                return AdmissionDecision.NOW
            if places.may_wait(now):
                places.wait(prepared, now)
                self._waited_for.add(places)
                way.account.began[prepared.claim.key] = now
                return AdmissionDecision.WAIT
            return places.refusal

    def leave(self, prepared: Candidate, outcome: Outcome | None) -> list[tuple[Candidate, AdmissionDecision]]:
        """Give back the place of a call that has ended; returns those whose waiting is over, and their turns.

        Args:
            outcome: None if it came to nothing by our own fault: that tells nothing of the receiver.
        """
        with self._lock:
            now = self._now()
            way, places = self._taken.pop(prepared.claim.key)
            places.take_back(prepared, outcome, now)
            way.account.end(prepared, outcome)
            way.receiver.in_flight -= 1
            if outcome is not None:
                way.receiver.health.note(outcome, now)
                way.host.health.note(outcome, now)
            return self._next(places, now)

    def overdue(self) -> list[tuple[Candidate, AdmissionDecision]]:
        """Send away those who have waited for too long, and return them with their turns."""
        with self._lock:
            return self._send_away(self._now() - MAX_WAIT)

    def clear(self) -> list[tuple[Candidate, AdmissionDecision]]:
        """Send away all that wait, and return them with their turns."""
        with self._lock:
            return self._send_away(self._now())

    def _next(self, places: Slots, now: float) -> list[tuple[Candidate, AdmissionDecision]]:
        turns = []
        while waiting := places.next_in_line():
            prepared = self._wait_no_more(waiting)
            way = self._way(prepared)
            places_now = way.places(now)
            is_late = now - waiting.since > MAX_WAIT
            begins = not is_late and self._begins(prepared, way, places_now, now)
            turns.append((prepared, AdmissionDecision.NOW if begins else places_now.refusal))
        return turns

    def _send_away(self, latest: float) -> list[tuple[Candidate, AdmissionDecision]]:
        """Take those out who have waited since then or longer."""
        sent = []
        for places in list(self._waited_for):
            while waiting := places.line.pop_oldest(latest):
                sent.append((self._wait_no_more(waiting), places.refusal))
            if not places.line:
                self._waited_for.remove(places)
        return sent

    def _wait_no_more(self, waiting: Waiting) -> Candidate:
        prepared = waiting.prepared
        self._accounts[prepared.claim.account].began.pop(prepared.claim.key, None)
        return prepared

    def _begins(self, prepared: Candidate, way: _Way, places: Slots, now: float) -> bool:
        """Have a call begin, if it may; returns whether."""
        if not places.has_one_for(prepared) or way.receiver.is_tried(way.host.health, now):
            return False
        key = prepared.claim.key
        self._taken[key] = way, places
        places.give(prepared, now)
        way.account.began[key] = now
        way.receiver.in_flight += 1
        return True

    def _way(self, prepared: Candidate) -> _Way:
        account = self._accounts[prepared.claim.account]
        return _Way(self._hosts[prepared.host], self._receivers[prepared.call.url], account)
