"""The run as a file of JSON: every number that was measured, what they come to, and on which machine."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import pycurl

from bench.result import Result
from bench.size import Size
from bench.table import goal_text


def as_json(results: Sequence[Result], size: Size) -> str:
    """Return the run."""
    whole = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine(),
        "size": asdict(size),
        "scenarios": [_scenario(result) for result in results],
    }
    return json.dumps(whole, indent=1, ensure_ascii=False)


def machine() -> dict[str, Any]:
    """Return what the figures depend on besides the code."""
    return {
        "cores": os.cpu_count(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "libcurl": pycurl.version,
    }


def _scenario(result: Result) -> dict[str, Any]:
    return {
        "name": result.scenario.name,
        "sentence": result.scenario.sentence,
        "seconds": round(result.seconds, 1),
        "wrong": list(result.wrong),
        "rounds": [{side.value: asdict(measured) for side, measured in one.items()} for one in result.rounds],
        "goals": [
            {
                "figure": figure.name,
                "goal": goal_text(verdict.goal),
                "reached": verdict.reached,
                "met": verdict.is_met,
            }
            for figure in result.scenario.figures
            for verdict in result.verdicts(figure)
        ],
    }
