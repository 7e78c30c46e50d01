"""The judgement: a sentence for each deviation from the expectation, without sockets and clocks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from harness.zoo.behaviour import Behaviour
from harness.zoo.evidence import Evidence

#: Seconds by which libcurl may end an attempt too early.
EARLY = 0.05
#: The maximum number of bytes of an answer that may be kept.
MAX_KEPT = 16 * 1024
#: Bytes by which a worker may grow in any case, and for each concurrent call. It may keep the padding of an event
#: several times.
GROWTH, GROWTH_PER_CALL, COPIES = 8 * 1024 * 1024, 64 * 1024, 4


@dataclass(frozen=True)
class Terms:
    """What is promised.

    Attributes:
        timeout: the timeout of a call in seconds.
        slack: seconds that an attempt may take beyond that.
        calls: the number of concurrent calls.
    """

    timeout: float
    slack: float
    calls: int


def judge(behaviour: Behaviour, evidence: Evidence, terms: Terms) -> list[str]:
    """Return the deviations."""
    return [
        *_endings(behaviour, evidence),
        *_times(behaviour, evidence, terms),
        *_sizes(behaviour, evidence, terms),
        *_visits(behaviour, evidence),
    ]


def _endings(behaviour: Behaviour, evidence: Evidence) -> Iterator[str]:
    expected = " or ".join(map(str, behaviour.expected.endings))
    for ending, count in Counter(attempt.ending for attempt in evidence.attempts).items():
        if ending not in behaviour.expected.endings:
            yield f"{count} of {evidence.events}: {ending}, not {expected}."
    if evidence.events == 0:
        yield "No event was accepted."
    if (missing := evidence.events - len(evidence.attempts)) > 0:
        yield f"{missing} of {evidence.events} attempts had not ended in time."


def _times(behaviour: Behaviour, evidence: Evidence, terms: Terms) -> Iterator[str]:
    seconds = [attempt.seconds for attempt in evidence.attempts]
    if not seconds:
        return
    if max(seconds) > terms.timeout + terms.slack:
        yield f"An attempt took {max(seconds):.2f} s."
    if behaviour.expected.waits is True and min(seconds) < terms.timeout - EARLY:
        yield f"An attempt ended after {min(seconds):.2f} s, before its deadline."
    if behaviour.expected.waits is False and max(seconds) >= terms.timeout - EARLY:
        yield f"An attempt waited for its deadline: {max(seconds):.2f} s."


def _sizes(behaviour: Behaviour, evidence: Evidence, terms: Terms) -> Iterator[str]:
    kept = max((attempt.kept for attempt in evidence.attempts), default=0)
    if kept > MAX_KEPT:
        yield f"{kept} bytes of an answer were kept."
    bound = GROWTH + terms.calls * (GROWTH_PER_CALL + COPIES * behaviour.padding)
    if evidence.growth > bound:
        yield f"The worker grew by {evidence.growth // 1024} kB; {bound // 1024} are allowed."


def _visits(behaviour: Behaviour, evidence: Evidence) -> Iterator[str]:
    expected, requests = behaviour.expected, len(evidence.calls)
    if evidence.connections and not expected.reached:
        yield f"{evidence.connections} connections were made."
    if expected.requests is None and not evidence.events < requests <= 2 * evidence.events:
        yield f"For {evidence.events} events it was asked {requests} times, which is not once and sometimes again."
    if expected.requests is not None and requests != expected.requests * evidence.events:
        yield f"For {evidence.events} events it was asked {requests} times."
    if others := {call.path for call in evidence.calls} - {f"/{behaviour.name}"}:
        yield f"It was asked for {', '.join(sorted(others))}."
    if any(call.header("Cookie") for call in evidence.calls):
        yield "A call brought a cookie."
