"""What each fault may do to the promises, as values, and the sentences about what it did beyond."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from chaos.verdict import Verdict

#: Seconds after the end of its lease within which an interrupted attempt is repeated.
REPEATED_WITHIN = 15.0
#: Seconds within which the API answers, whatever is broken.
ANSWERED_WITHIN = 3.0
#: Seconds from SIGTERM to the end of a worker.
STOPPED_WITHIN = 15.0


@dataclass(frozen=True)
class Bounds:
    """What a fault may do. Losing is never among it.

    Attributes:
        refusals: whether requests may be answered 503 or not at all while it lasts.
        waiting_late: seconds by which a waiting retry may be late, beside those in which nothing was delivered.
        repeated_within: seconds after the end of its lease within which an interrupted attempt is repeated.
        recovery: seconds from the end of the fault to the last late call.
        unmarked: whether a call that outlived its lease may come as well, its `retry` false.
        slowest_ingest: seconds that an answer of the API may take.
    """

    refusals: bool = False
    waiting_late: float = 5.0
    repeated_within: float = REPEATED_WITHIN
    recovery: float = 35.0
    unmarked: bool = False
    slowest_ingest: float = ANSWERED_WITHIN


@dataclass
class Facts:
    """What was seen while a fault was injected.

    Attributes:
        in_flight: hookId and attempt of the calls that the fault may have cut off from being recorded.
        away: seconds, the most in a round, in which nothing could be delivered.
        stops: of each process that was told to stop: name, seconds that it took, and exit code.
        deaths: processes that ended without being told to.
        wrong: what the fault itself found to be wrong, in sentences.
        remarks: figures of its own, for the table.
    """

    in_flight: set[tuple[str, int]] = field(default_factory=set)
    away: float = 0.0
    stops: list[tuple[str, float, int]] = field(default_factory=list)
    deaths: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


def beyond(bounds: Bounds, verdict: Verdict, facts: Facts, slack: float = 0.0) -> list[str]:
    """Return a sentence for each thing that is beyond the bounds.

    Args:
        slack: seconds that a crowded machine may add to what is late.
    """
    return [
        *facts.wrong,
        *_promises(verdict, facts, bounds),
        *_times(verdict, facts, bounds, slack),
        *_processes(facts),
    ]


def _promises(verdict: Verdict, facts: Facts, bounds: Bounds) -> Iterator[str]:
    if verdict.accepted == 0:
        yield "Nothing was accepted, so nothing was tried."
    if verdict.lost:
        yield f"{len(verdict.lost)} of {verdict.accepted} events were lost, {verdict.lost[0]} among them."
    if verdict.unheard:
        yield f"{verdict.unheard} events were exhausted, and the receiver never saw a call of theirs."
    if verdict.duplicates > len(facts.in_flight):
        yield f"{verdict.duplicates} calls came twice, of {len(facts.in_flight)} that the fault met in flight."
    if verdict.unmarked and not bounds.unmarked:
        yield f"{verdict.unmarked} repeated calls said that they were none."
    if verdict.failed_ingests and not bounds.refusals:
        yield f"{verdict.failed_ingests} requests were not answered 202."


def _times(verdict: Verdict, facts: Facts, bounds: Bounds, slack: float) -> Iterator[str]:
    if verdict.slowest_ingest > bounds.slowest_ingest:
        yield f"An answer of the API took {verdict.slowest_ingest:.1f} s."
    if verdict.waiting_late > bounds.waiting_late + facts.away + slack:
        yield f"A waiting retry was {verdict.waiting_late:.1f} s late."
    if verdict.repeat_late > bounds.repeated_within + slack:
        yield f"An interrupted attempt was repeated {verdict.repeat_late:.1f} s after its lease."
    if verdict.recovery > bounds.recovery + slack:
        yield f"Calls were late for {verdict.recovery:.1f} s after the fault."


def _processes(facts: Facts) -> Iterator[str]:
    for name, seconds, code in facts.stops:
        if seconds > STOPPED_WITHIN or code != 0:
            yield f"{name} stopped after {seconds:.1f} s with exit code {code}."
    for name in sorted(set(facts.deaths)):
        yield f"{name} died {facts.deaths.count(name)} times."
