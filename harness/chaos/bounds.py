"""The allowed effects of each fault as values, and sentences about what exceeds them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from harness.chaos.verdict import Verdict

#: Seconds by which a waiting retry may be late: a message lost with a worker is published again after 3 s.
WAITING_LATE = 5.0
#: The same where that message may be lost too: it is published again 10 s later.
LOST_TWICE = 15.0
#: Seconds from the end of a lease to the repetition of its interrupted attempt.
REPEATED_WITHIN = 15.0
#: Seconds from the end of a fault to the last late call, which may be a retry that waited for 30 s.
RECOVERED_WITHIN = 35.0
#: Seconds within which the API answers, whatever is broken.
ANSWERED_WITHIN = 3.0
#: Seconds from SIGTERM to the end of a worker.
STOPPED_WITHIN = 15.0


@dataclass(frozen=True)
class Bounds:
    """The allowed effects of a fault. A loss is never allowed.

    Attributes:
        refused_with: the statuses other than 202 that requests may get meanwhile; None for no answer.
        must_refuse: whether some must get one, as the fault was ineffective otherwise.
        waiting_late: seconds by which a waiting retry may be late, besides the time without any delivery.
        cut_off_again: how often a call may be cut off again, each time for another lease.
        late_recovery: whether calls may be late for any time afterwards.
        unmarked: whether a call that outlived its lease may also arrive, with `retry` false.
        slowest_ingest: the longest time for an answer of the API, in seconds.
    """

    refused_with: frozenset[int | None] = frozenset()
    must_refuse: bool = False
    waiting_late: float = WAITING_LATE
    cut_off_again: int = 0
    late_recovery: bool = False
    unmarked: bool = False
    slowest_ingest: float = ANSWERED_WITHIN


@dataclass
class Facts:
    """What was observed during a fault.

    Attributes:
        in_flight: the hookIds and attempts of calls that the fault may have cut off, with how often.
        away: the longest time in a round without any delivery, in seconds.
        stops: name, seconds and exit code of each process that had to stop.
        deaths: processes that ended by themselves.
        wrong: what the fault itself found to be wrong, as sentences.
        remarks: figures of the fault, for the table.
    """

    in_flight: Counter[tuple[str, int]] = field(default_factory=Counter)
    away: float = 0.0
    stops: list[tuple[str, float, int]] = field(default_factory=list)
    deaths: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


def beyond(bounds: Bounds, verdict: Verdict, facts: Facts, lease: float, slack: float = 0.0) -> list[str]:
    """Return a sentence for each exceeded bound.

    Args:
        lease: seconds after which an interrupted attempt is due again.
        slack: seconds that a slow machine may add to delays.
    """
    return [
        *facts.wrong,
        *_promises(verdict),
        *_repeats(verdict, facts, bounds),
        *_answers(verdict, bounds, slack),
        *_waits(verdict, facts, bounds, slack),
        *_repairs(verdict, facts, bounds, lease, slack),
        *_processes(facts, slack),
    ]


def _promises(verdict: Verdict) -> Iterator[str]:
    if verdict.accepted == 0:
        yield "Nothing was accepted, so nothing was tried."
    if verdict.lost:
        yield f"{len(verdict.lost)} of {verdict.accepted} events were lost, {verdict.lost[0]} among them."
    if verdict.given_up:
        yield f"{verdict.given_up} events were exhausted that the receiver would have taken."


def _repeats(verdict: Verdict, facts: Facts, bounds: Bounds) -> Iterator[str]:
    # A frozen worker also makes the calls that it had claimed but not started. No one saw those in flight, so the
    # log must call them interrupted.
    unexplained = Counter() if bounds.unmarked else verdict.repeats - facts.in_flight
    if unexplained:
        yield f"{unexplained.total()} calls came twice that were not cut off, {min(unexplained)} among them."
    if verdict.unmarked and not bounds.unmarked:
        yield f"{verdict.unmarked} repeated calls had `retry` false."
    if verdict.unlogged:
        yield f"{verdict.unlogged} calls came twice, and the log does not say that they were interrupted."


def _answers(verdict: Verdict, bounds: Bounds, slack: float) -> Iterator[str]:
    if others := verdict.refusals.keys() - bounds.refused_with:
        yield f"Requests were answered {', '.join(sorted(map(str, others)))}."
    if bounds.must_refuse and not verdict.refusals:
        yield "Nothing was refused, so the fault had no effect."
    if verdict.slowest_ingest > bounds.slowest_ingest + slack:
        yield f"An answer of the API took {verdict.slowest_ingest:.1f} s."


def _waits(verdict: Verdict, facts: Facts, bounds: Bounds, slack: float) -> Iterator[str]:
    if verdict.waiting_late > bounds.waiting_late + facts.away + slack:
        yield f"A waiting retry was {verdict.waiting_late:.1f} s late."


def _repairs(verdict: Verdict, facts: Facts, bounds: Bounds, lease: float, slack: float) -> Iterator[str]:
    if verdict.repeat_late > REPEATED_WITHIN + facts.away + slack:
        yield f"An interrupted attempt was repeated {verdict.repeat_late:.1f} s after its lease."
    if verdict.recovery > RECOVERED_WITHIN + bounds.cut_off_again * lease + slack and not bounds.late_recovery:
        yield f"Calls were late for {verdict.recovery:.1f} s after the fault."


def _processes(facts: Facts, slack: float) -> Iterator[str]:
    for name, seconds, code in facts.stops:
        if seconds > STOPPED_WITHIN + slack or code != 0:
            yield f"{name} stopped after {seconds:.1f} s with exit code {code}."
    for name in sorted(set(facts.deaths)):
        yield f"{name} died {facts.deaths.count(name)} times."
