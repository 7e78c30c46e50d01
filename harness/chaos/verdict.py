"""The judgement: figures from the three records, as pure functions without processes, files and clocks."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from harness.chaos.records import Call, Logged, NotedAnswer

#: Seconds from which a call counts as late.
LATE = 1.0


@dataclass(frozen=True)
class Terms:
    """What was promised.

    Attributes:
        delays: seconds from a failed attempt to the next.
        lease: seconds after which an interrupted attempt is due again.
        hopeless: the paths of the receiver that never succeed; only events for them may be exhausted.
    """

    delays: tuple[float, ...]
    lease: float
    hopeless: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Lateness:
    """Statistics of lateness in seconds; all 0 if there are none."""

    median: float = 0.0
    p99: float = 0.0
    most: float = 0.0


@dataclass(frozen=True)
class Records:
    """What is judged.

    Attributes:
        answers: the producer's record.
        calls: the receiver's record.
        log: the delivery log of the promised events.
        rounds: Unix seconds of the start and end of each fault.
    """

    answers: Sequence[NotedAnswer]
    calls: Sequence[Call]
    log: Mapping[str, Logged]
    rounds: Sequence[tuple[float, float]] = ()


@dataclass(frozen=True)
class Verdict:
    """What happened to the promises.

    Attributes:
        accepted: events answered 202.
        lost: ids of accepted events that never ended, or that ended as delivered without a successful call.
        given_up: exhausted events that the receiver would have accepted, or never got.
        repeats: hookId and attempt of each call beyond the first of its attempt, with its count.
        unmarked: repeats whose `retry` is false.
        unlogged: repeats of attempts that the log does not call interrupted.
        retry_late: seconds from the due time of a retry to its first call.
        waiting_late: the longest of these among retries that no crash cut short.
        repeat_late: the most seconds from the end of an interrupted attempt's lease to its repetition,
            beyond the time for which a delivery is set apart after several interruptions.
        recovery: the most seconds from the end of a fault to the last late call; 0 if none was late.
        refusals: the statuses of answers other than 202, None for no answer, with their counts.
        slowest_ingest: the seconds of the slowest answer.
    """

    accepted: int
    delivered: int
    exhausted: int
    lost: tuple[str, ...]
    given_up: int
    repeats: Counter[tuple[str, int]]
    unmarked: int
    unlogged: int
    retry_late: Lateness
    waiting_late: float
    repeat_late: float
    recovery: float
    refusals: Counter[int | None]
    slowest_ingest: float

    @property
    def duplicates(self) -> int:
        """Calls beyond one for each attempt."""
        return self.repeats.total()

    @property
    def failed_ingests(self) -> int:
        """Requests that were not answered 202."""
        return self.refusals.total()


@dataclass(frozen=True)
class _Arrival:
    """A call and its lateness in seconds; `repeat` if the attempt had arrived before."""

    call: Call
    late: float
    repeat: bool


def judge(records: Records, terms: Terms) -> Verdict:
    """Compare the three records."""
    promised = {hook_id: answer.at for answer in records.answers for hook_id in answer.hook_ids}
    calls = _by_hook_id(records.calls)
    states = {hook_id: records.log.get(hook_id, Logged("unknown")).state for hook_id in promised}
    arrivals = [
        arrival
        for hook_id, at in promised.items()
        for arrival in _arrivals(calls.get(hook_id, []), at, terms.delays)
    ]
    first = [arrival for arrival in arrivals if not arrival.repeat]
    retries = [arrival for arrival in first if arrival.call.attempt > 1]
    waiting = [arrival.late for arrival in retries if not _was_interrupted(arrival.call, records.log)]
    repeats = [call for of_one in calls.values() for call in _repeats(of_one)]
    exhausted = [hook_id for hook_id, state in states.items() if state == "exhausted"]
    return Verdict(
        accepted=len(promised),
        delivered=list(states.values()).count("delivered"),
        exhausted=len(exhausted),
        lost=tuple(hook_id for hook_id in promised if _is_lost(hook_id, records.log, calls)),
        given_up=sum(not _is_hopeless(calls.get(hook_id, []), terms) for hook_id in exhausted),
        repeats=Counter((call.hook_id, call.attempt) for call in repeats),
        unmarked=sum(not call.retry for call in repeats),
        unlogged=sum(call.hook_id in records.log and not _was_interrupted(call, records.log) for call in repeats),
        retry_late=spread(arrival.late for arrival in retries),
        waiting_late=max(waiting, default=0.0),
        repeat_late=max(_after_leases(records.log, calls, terms.lease), default=0.0),
        recovery=_recovery(arrivals, records.rounds),
        refusals=Counter(answer.status for answer in records.answers if answer.status != 202),
        slowest_ingest=max((answer.seconds for answer in records.answers), default=0.0),
    )


def spread(values: Iterable[float]) -> Lateness:
    """Return median, 99th percentile and maximum."""
    ordered = sorted(values)
    if not ordered:
        return Lateness()
    return Lateness(*(ordered[max(0, math.ceil(len(ordered) * part) - 1)] for part in (0.5, 0.99, 1.0)))


def _by_hook_id(calls: Iterable[Call]) -> dict[str, list[Call]]:
    by_hook_id: dict[str, list[Call]] = defaultdict(list)
    for call in sorted(calls, key=lambda call: call.arrived):
        by_hook_id[call.hook_id].append(call)
    return by_hook_id


def _is_lost(hook_id: str, log: Mapping[str, Logged], calls: Mapping[str, Sequence[Call]]) -> bool:
    logged = log.get(hook_id, Logged("unknown"))
    succeeded = any(call.succeeded for call in calls.get(hook_id, []))
    return not logged.ended or (logged.state == "delivered" and not succeeded)


def _is_hopeless(calls: Sequence[Call], terms: Terms) -> bool:
    return bool(calls) and calls[0].path in terms.hopeless


def _arrivals(calls: Sequence[Call], promised_at: float, delays: Sequence[float]) -> list[_Arrival]:
    """Return each call of a delivery with its lateness, if its attempt has a due time."""
    due = {1: promised_at}
    seen: set[int] = set()
    arrivals = []
    for call in calls:
        if call.attempt in due:
            arrivals.append(_Arrival(call, call.arrived - due[call.attempt], call.attempt in seen))
        seen.add(call.attempt)
        if call.answered is not None and call.attempt <= len(delays):
            due[call.attempt + 1] = call.answered + delays[call.attempt - 1]
    return arrivals


def _repeats(calls: Sequence[Call]) -> list[Call]:
    """Return the calls of a delivery that repeat an attempt."""
    firsts = {call.attempt: call for call in reversed(calls)}
    return [call for call in calls if call is not firsts[call.attempt]]


def _was_interrupted(call: Call, log: Mapping[str, Logged]) -> bool:
    attempts = log[call.hook_id].attempts if call.hook_id in log else ()
    return any(one.interrupted and one.number == call.attempt for one in attempts)


def _after_leases(log: Mapping[str, Logged], calls: Mapping[str, Sequence[Call]], lease: float) -> Iterator[float]:
    """Return for each interrupted attempt the time from the end of its lease to the next call.

    From the second interruption on, that is a random time within as many leases as there were interruptions.
    """
    for hook_id, logged in log.items():
        interrupted = [attempt for attempt in logged.attempts if attempt.interrupted]
        for number, attempt in enumerate(interrupted, 1):
            end = attempt.at + lease
            later = [call.arrived - end for call in calls.get(hook_id, []) if call.arrived >= end - LATE]
            set_apart = number * lease if number > 1 else 0.0
            if later:
                yield max(0.0, min(later) - set_apart)


def _recovery(arrivals: Sequence[_Arrival], rounds: Sequence[tuple[float, float]]) -> float:
    """Return the time from the end of a round's fault to the last late call before the next round."""
    ends = [end for _, end in rounds]
    limits = [*(begin for begin, _ in rounds), math.inf][1:]
    late = [arrival.call.arrived for arrival in arrivals if arrival.late > LATE]
    return max(
        (
            moment - end
            for end, limit in zip(ends, limits, strict=True)
            for moment in late
            if end < moment <= limit
        ),
        default=0.0,
    )
