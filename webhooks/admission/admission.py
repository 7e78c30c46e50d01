"""Which calls may be made now, so that no receiver, host or account holds up another."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from time import monotonic
from typing import Generic, Protocol, TypeVar

from msgspec import Struct

from webhooks.admission.candidate import AdmissionDecision
from webhooks.admission.in_flight import InFlight
from webhooks.admission.slots import C, HostSlots, Slots, Waiting
from webhooks.admission.thresholds import ACCOUNT_SLOTS, MAX_CALLS, MAX_REMEMBERED, MAX_WAIT, part_of
from webhooks.admission.unresponsive import Receiver
from webhooks.http.call import Outcome


class _Counted(Protocol):
    @property
    def in_flight(self) -> int: ...


K = TypeVar("K", bound=_Counted)


class Registry(dict[str, K]):
    """What is known of hosts, receivers or accounts, by name. When there are too many, the idle are forgotten.

    Args:
        new: makes the entry of a name that is not known.
        size: how many entries there may be before idle ones are forgotten.
    """

    def __init__(self, new: Callable[[], K], size: int = MAX_REMEMBERED) -> None:
        super().__init__()
        self._new = new
        self._size = size

    def __missing__(self, name: str) -> K:
        if len(self) >= self._size:
            for idle in [name for name, entry in self.items() if entry.in_flight == 0]:
                del self[idle]
        entry = self[name] = self._new()
        return entry


class _Route(Struct, Generic[C]):
    """Where a call goes, and for which account."""

    host: HostSlots[C]
    receiver: Receiver
    account: InFlight

    def slots(self, now: float) -> Slots[C]:
        return self.host.slots_for(self.receiver, now)


class Admission(Generic[C]):
    """Knows the calls in flight: their hosts, receivers and accounts. Any thread may use it.

    Args:
        free: returns how many more calls the worker may have in flight.
        now: seconds of a monotonic clock.
        max_calls: how many calls the worker makes at the same time.
        remembered: hosts, receivers and accounts that are remembered, of each.
    """

    def __init__(
        self,
        free: Callable[[], int],
        now: Callable[[], float] = monotonic,
        max_calls: int = MAX_CALLS,
        remembered: int = MAX_REMEMBERED,
    ) -> None:
        self._free = free
        self._now = now
        self._account_slots = part_of(max_calls, 4, ACCOUNT_SLOTS)
        self._lock = threading.Lock()
        self._hosts: Registry[HostSlots[C]] = Registry(partial(HostSlots[C], max_calls), remembered)
        self._receivers = Registry(Receiver, remembered)
        self._accounts = Registry(InFlight, remembered)
        self._admitted: dict[tuple[str, str], tuple[_Route[C], Slots[C]]] = {}
        self._waited_for: set[Slots[C]] = set()

    def enter(self, candidate: C) -> AdmissionDecision:
        """Decide about a call: it is made now, waits until `leave` returns it, or goes back to the ledger.

        An account whose calls are slow gets no more slots than are left for all others.
        """
        with self._lock:
            now = self._now()
            route = self._route(candidate)
            account = route.account
            if account.in_flight >= max(self._account_slots, self._free()) and account.is_slow(now):
                return AdmissionDecision.ACCOUNT_IS_FULL
            slots = route.slots(now)
            if self._begins(candidate, route, slots, now):
                return AdmissionDecision.NOW
            if slots.may_wait(now):
                slots.wait(candidate, now)
                self._waited_for.add(slots)
                account.began[candidate.key] = now
                return AdmissionDecision.WAIT
            return slots.refusal

    def leave(self, candidate: C, outcome: Outcome | None) -> list[tuple[C, AdmissionDecision]]:
        """Free the slot of a call that has ended; returns the calls that need not wait any longer, with decisions.

        Args:
            outcome: None if the call failed by our own fault: that says nothing about the receiver.
        """
        with self._lock:
            now = self._now()
            route, slots = self._admitted.pop(candidate.key)
            slots.give_back(candidate, outcome, now)
            route.account.end(candidate, outcome)
            route.receiver.in_flight -= 1
            if outcome is not None:
                route.receiver.health.note(outcome, now)
                route.host.health.note(outcome, now)
            return self._next(slots, now)

    def overdue(self) -> list[tuple[C, AdmissionDecision]]:
        """Stop the calls that have waited too long from waiting, and return them with the decisions."""
        with self._lock:
            return self._refuse(self._now() - MAX_WAIT)

    def clear(self) -> list[tuple[C, AdmissionDecision]]:
        """Stop all calls from waiting, and return them with the decisions."""
        with self._lock:
            return self._refuse(self._now())

    def _next(self, slots: Slots[C], now: float) -> list[tuple[C, AdmissionDecision]]:
        decided = []
        while waiting := slots.next_in_line():
            candidate = self._stop_waiting(waiting)
            route = self._route(candidate)
            slots_now = route.slots(now)
            is_late = now - waiting.since > MAX_WAIT
            begins = not is_late and self._begins(candidate, route, slots_now, now)
            decided.append((candidate, AdmissionDecision.NOW if begins else slots_now.refusal))
        return decided

    def _refuse(self, latest: float) -> list[tuple[C, AdmissionDecision]]:
        """Refuse the calls that have waited since `latest` or longer."""
        refused = []
        for slots in list(self._waited_for):
            while waiting := slots.line.pop_oldest(latest):
                refused.append((self._stop_waiting(waiting), slots.refusal))
            if not slots.line:
                self._waited_for.remove(slots)
        return refused

    def _stop_waiting(self, waiting: Waiting[C]) -> C:
        candidate = waiting.candidate
        self._accounts[candidate.account].began.pop(candidate.key, None)
        return candidate

    def _begins(self, candidate: C, route: _Route[C], slots: Slots[C], now: float) -> bool:
        """Give a slot to a call, if there is one; returns whether there was."""
        if not slots.has_one_for(candidate) or route.receiver.is_being_probed(route.host.health, now):
            return False
        self._admitted[candidate.key] = route, slots
        slots.take(candidate, now)
        route.account.began[candidate.key] = now
        route.receiver.in_flight += 1
        return True

    def _route(self, candidate: C) -> _Route[C]:
        account = self._accounts[candidate.account]
        return _Route(self._hosts[candidate.host], self._receivers[candidate.url], account)
