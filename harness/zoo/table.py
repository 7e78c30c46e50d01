"""The table: one line for each behaviour, on the terminal and in a document."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence

from harness.markdown import table
from harness.zoo.behaviours import BEHAVIOURS
from harness.zoo.result import BehaviourResult

COLUMNS = ("behaviour", "state", "status", "error", "detail", "took", "kept", "memory while", "memory after")


def cells(result: BehaviourResult) -> tuple[str, ...]:
    """Return a result as the cells of a row; if attempts differ, with the most frequent ending."""
    evidence = result.evidence
    if evidence is None or not evidence.attempts:
        return (result.behaviour.name, *("-" for _ in COLUMNS[1:]))
    ((ending, _),) = Counter(attempt.ending for attempt in evidence.attempts).most_common(1)
    return (
        result.behaviour.name,
        ending.state,
        str(ending.status or "-"),
        ending.error or "-",
        ending.detail or "-",
        f"{max(attempt.seconds for attempt in evidence.attempts):.2f} s",
        f"{max(attempt.kept for attempt in evidence.attempts)} B",
        f"{evidence.growth // 1024} kB",
        f"{evidence.growth_after // 1024} kB",
    )


def markdown(results: Sequence[BehaviourResult]) -> str:
    """Return the results as a table in Markdown, each behaviour with its sentence, and the deviations below it."""
    lines = table(COLUMNS, [(result.behaviour.sentence, *cells(result)[1:]) for result in in_order(results)])
    wrong = [
        f"- {result.behaviour.name}: {' '.join(result.wrong)}" for result in in_order(results) if result.wrong
    ]
    return "\n".join([lines, "", *wrong]) if wrong else lines


def as_json(result: BehaviourResult) -> str:
    """Return a result as a line of JSON."""
    shown = dict(zip(COLUMNS, cells(result), strict=True))
    return json.dumps(shown | {"seconds": result.seconds, "wrong": result.wrong})


def in_order(results: Sequence[BehaviourResult]) -> list[BehaviourResult]:
    """Return results in the order of the catalogue."""
    order = {name: number for number, name in enumerate(BEHAVIOURS)}
    return sorted(results, key=lambda result: order[result.behaviour.name])
