"""A worker whose clock a test moves, and its calls in flight."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import count

from webhooks.admission.admission import Admission
from webhooks.admission.candidate import AdmissionDecision
from webhooks.admission.thresholds import (
    HOST_SLOTS,
    MAX_REMEMBERED,
)
from webhooks.http.call import Detail, Failure, Outcome
from webhooks.http.destinations import read_url

HOST = "hooks.example"


TIMEOUT = Outcome(503, Failure.TIMEOUT, 10_000)


STALLED = Outcome(200, None, 10_000, Detail.BODY_TIMEOUT)


SLOW = Outcome(200, None, 2_000)


#: The maximum number of calls of one account to a host that no other account calls.
SHARE = HOST_SLOTS * 3 // 4


@dataclass(frozen=True)
class Candidate:
    """A call that asks for admission."""

    key: tuple[str, str]
    account: str
    host: str
    url: str


class Worker:
    """The admission of a worker, its calls in flight, and a clock that only a test moves."""

    def __init__(self, size: int = 1000, most_calls: int = 1000, remembered: int = MAX_REMEMBERED) -> None:
        self.seconds = 1000.0
        self.in_flight: list[Candidate] = []
        self._size = size
        self._numbers = count()
        self.admission: Admission[Candidate] = Admission(
            lambda: self._size - len(self.in_flight), lambda: self.seconds, most_calls, remembered
        )

    def call(self, host: str = HOST, account: str = "acme", path: str = "hooks") -> Candidate:
        """Return a new, unique call."""
        destination = read_url(f"https://{host}/{path}")
        return Candidate((f"{next(self._numbers)}", "token"), account, destination.host_and_port, destination.url)

    def enter(self, calls: int = 1, **where: str) -> Counter[AdmissionDecision]:
        """Let this many calls arrive; return how many got which decision."""
        decisions: Counter[AdmissionDecision] = Counter()
        for _ in range(calls):
            call = self.call(**where)
            decision = self.admission.enter(call)
            decisions[decision] += 1
            if decision is AdmissionDecision.NOW:
                self.in_flight.append(call)
        return decisions

    def end(self, outcome: Outcome, place: int = 0) -> Counter[AdmissionDecision]:
        """End a call; return the decisions about waiting calls that follow from it."""
        decisions = self.admission.leave(self.in_flight.pop(place), outcome)
        self.in_flight += [call for call, decision in decisions if decision is AdmissionDecision.NOW]
        return Counter(decision for _, decision in decisions)

    def each(self, outcome: Outcome, calls: int = 1, **where: str) -> None:
        """Make calls one after another, which all end like this."""
        for _ in range(calls):
            assert self.enter(1, **where) == {AdmissionDecision.NOW: 1}
            self.end(outcome, -1)


def enter_at_many_hosts(worker: Worker, count: int, account: str = "acme") -> Counter[AdmissionDecision]:
    return sum((worker.enter(host=f"{number}.example", account=account) for number in range(count)), Counter())
