"""The calls that wait for a slot."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Iterable
from typing import Generic, TypeVar

from msgspec import Struct

from webhooks.admission.candidate import Candidate

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
