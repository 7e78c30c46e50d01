"""The slots of a host, shared among accounts and receivers, and the calls that wait for a slot."""

from __future__ import annotations

from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Iterable
from math import inf
from operator import attrgetter
from typing import Generic, TypeVar

from msgspec import Struct

from webhooks.admission.candidate import AdmissionDecision, Candidate
from webhooks.admission.in_flight import InFlight
from webhooks.admission.thresholds import (
    HOST_SHARE,
    HOST_SLOTS,
    MAX_CALLS,
    PROBE_SHARE,
    PROBE_SLOTS,
    part_of,
)
from webhooks.admission.unresponsive import Health, Receiver
from webhooks.http.call import Outcome

C = TypeVar("C", bound=Candidate)


class Waiting(Struct, Generic[C], frozen=True):
    """A call that waits for a slot: the group it belongs to, and since when it waits (monotonic seconds)."""

    candidate: C
    group: str
    since: float


class WaitingLine(Generic[C]):
    """Waiting calls in groups. The groups are served in turn; within a group the first comes first."""

    def __init__(self) -> None:
        self._by_age: OrderedDict[tuple[str, str], Waiting[C]] = OrderedDict()
        self._by_group: dict[str, deque[Waiting[C]]] = {}

    def __len__(self) -> int:
        return len(self._by_age)

    def add(self, waiting: Waiting[C]) -> None:
        """Add a call."""
        self._by_age[waiting.candidate.key] = waiting
        self._by_group.setdefault(waiting.group, deque()).append(waiting)

    def groups(self) -> Iterable[str]:
        """Return the groups with a call that waits; the one that was served longest ago comes first."""
        return self._by_group

    def pop(self, group: str) -> Waiting[C]:
        """Remove the first call of a group, which is served last from then on."""
        line = self._by_group.pop(group)
        waiting = line.popleft()
        if line:
            self._by_group[group] = line
        del self._by_age[waiting.candidate.key]
        return waiting

    def pop_oldest(self, latest: float) -> Waiting[C] | None:
        """Remove the call that has waited longest, if it has waited since `latest` or longer."""
        oldest = next(iter(self._by_age.values()), None)
        return self.pop(oldest.group) if oldest is not None and oldest.since <= latest else None


class Slots(InFlight, Generic[C]):
    """A number of slots that groups of calls share, and the calls that wait for one.

    As many calls may wait as are answered in a second; while that number is unknown, as many as there are slots.

    Args:
        size: how many calls may be in flight.
        share: a group may have at most this many calls in flight for each free slot.
        group_of: returns the group of a call.
        refusal: the decision about a call for which there is no slot and no more calls may wait.
    """

    def __init__(self, size: int, share: int, group_of: Callable[[C], str], refusal: AdmissionDecision) -> None:
        super().__init__()
        self.refusal = refusal
        self.line: WaitingLine[C] = WaitingLine()
        self._size = size
        self._share = share
        self._group_of = group_of
        self._by_group: Counter[str] = Counter()
        self._last_ended = -inf

    @property
    def group_count(self) -> int:
        """How many groups have a call in flight."""
        return len(self._by_group)

    def age(self, now: float) -> float:
        """Return for how many seconds no call has ended: a host that is slow with some calls may answer others."""
        return min(super().age(now), now - self._last_ended)

    def has_one_for(self, candidate: C) -> bool:
        """Report whether there is a slot for this call."""
        return self._has_one_for_group(self._group_of(candidate))

    def may_wait(self, now: float) -> bool:
        """Report whether one more call may wait for a slot."""
        duration = self.duration(now)
        return len(self.line) < (self._size / duration if duration else self._size)

    def wait(self, candidate: C, now: float) -> None:
        """Make a call wait for a slot."""
        self.line.add(Waiting(candidate, self._group_of(candidate), now))

    def next_in_line(self) -> Waiting[C] | None:
        """Remove the next call for which there is a slot from those that wait."""
        if self.in_flight >= self._size:
            return None
        group = next(filter(self._has_one_for_group, self.line.groups()), None)
        return None if group is None else self.line.pop(group)

    def take(self, candidate: C, now: float) -> None:
        """Give a slot to a call that begins."""
        self.began[candidate.key] = now
        self._by_group[self._group_of(candidate)] += 1

    def give_back(self, candidate: C, outcome: Outcome | None, now: float) -> None:
        """Free the slot of a call that has ended; `outcome` is as in `end`."""
        self.end(candidate, outcome)
        if outcome is not None:
            self._last_ended = now
        group = self._group_of(candidate)
        self._by_group[group] -= 1
        if self._by_group[group] <= 0:
            del self._by_group[group]

    def _has_one_for_group(self, group: str) -> bool:
        free = self._size - self.in_flight
        return free > 0 and self._by_group[group] < self._share * free


class HostSlots(Generic[C]):
    """The slots of a host. Its unresponsive receivers have slots of their own, and hold up no other.

    Args:
        max_calls: that the worker makes at the same time.
    """

    def __init__(self, max_calls: int = MAX_CALLS) -> None:
        self.health = Health()
        self._responsive: Slots[C] = Slots(
            part_of(max_calls, 2, HOST_SLOTS), HOST_SHARE, attrgetter("account"), AdmissionDecision.HOST_IS_FULL
        )
        self._unresponsive: Slots[C] = Slots(
            part_of(max_calls, 10, PROBE_SLOTS), PROBE_SHARE, attrgetter("url"), AdmissionDecision.UNRESPONSIVE
        )

    @property
    def in_flight(self) -> int:
        """How many calls to the host are in flight."""
        return self._responsive.in_flight + self._unresponsive.in_flight

    def slots_for(self, receiver: Receiver, now: float) -> Slots[C]:
        """Return the slots that calls to a receiver use."""
        return self._unresponsive if receiver.is_unresponsive(self.health, now) else self._responsive
