"""The table: one line for each fault, on the terminal and in a document."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from harness.chaos.faults import FAULTS
from harness.chaos.trial import FaultResult
from harness.chaos.verdict import Lateness, Verdict
from harness.markdown import table

COLUMNS = (
    "fault",
    "accepted",
    "delivered",
    "exhausted",
    "lost",
    "duplicates",
    "retry late p50 / p99 / max",
    "recovered in",
    "failed ingests",
    "slowest",
    "took",
)


def cells(result: FaultResult) -> tuple[str, ...]:
    """Return a result as the cells of a row."""
    verdict = result.verdict
    if verdict is None:
        return (result.fault, *("-" for _ in COLUMNS[1:]))
    return (
        result.fault,
        str(verdict.accepted),
        str(verdict.delivered),
        str(verdict.exhausted),
        str(len(verdict.lost)),
        str(verdict.duplicates),
        _spread(verdict.retry_late),
        f"{verdict.recovery:.1f} s",
        str(verdict.failed_ingests),
        f"{verdict.slowest_ingest:.2f} s",
        f"{result.seconds:.0f} s",
    )


def markdown(results: Sequence[FaultResult]) -> str:
    """Return the results as a table in Markdown, each fault with its sentence."""
    rows = [(FAULTS[result.fault].sentence, *cells(result)[1:]) for result in results]
    remarks = [f"- {result.fault}: {'; '.join(result.remarks)}." for result in results if result.remarks]
    return "\n".join([table(COLUMNS, rows), "", *remarks])


def as_json(result: FaultResult) -> str:
    """Return a result as a line of JSON; times are in seconds."""
    numbers = {} if result.verdict is None else _numbers(result.verdict)
    known = {"fault": result.fault, "seconds": result.seconds, "wrong": result.wrong, "remarks": result.remarks}
    return json.dumps(known | numbers)


def _numbers(verdict: Verdict) -> dict[str, Any]:
    return {
        "accepted": verdict.accepted,
        "delivered": verdict.delivered,
        "exhausted": verdict.exhausted,
        "lost": verdict.lost,
        "duplicates": verdict.duplicates,
        "retryLate": asdict(verdict.retry_late),
        "recovery": verdict.recovery,
        "failedIngests": verdict.failed_ingests,
        "slowestIngest": verdict.slowest_ingest,
    }


def in_order(results: Sequence[FaultResult]) -> list[FaultResult]:
    """Return results in the order of the catalogue."""
    order: Mapping[str, int] = {name: number for number, name in enumerate(FAULTS)}
    return sorted(results, key=lambda result: order[result.fault])


def _spread(seconds: Lateness) -> str:
    return f"{seconds.median:.2f} / {seconds.p99:.2f} / {seconds.most:.2f} s"
