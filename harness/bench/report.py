"""The run as a JSON file: every measured number, the results, and the machine."""

from __future__ import annotations

import json
import os
import platform
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pycurl

from harness.bench.result import ScenarioResult
from harness.bench.size import BenchSize
from harness.bench.table import goal_text


def as_json(results: Sequence[ScenarioResult], size: BenchSize) -> str:
    """Return the run."""
    whole = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine(),
        "size": asdict(size),
        "scenarios": [_scenario(result) for result in results],
    }
    return json.dumps(whole, indent=1, ensure_ascii=False)


def machine() -> dict[str, Any]:
    """Return the properties of the machine that the figures depend on."""
    return {
        "cores": os.cpu_count(),
        "processor": name_of_processor(Path("/proc/cpuinfo").read_text(encoding="utf-8")),
        "system": f"{platform.system()} {platform.release().partition('-')[0]}",
        "python": platform.python_version(),
        "libcurl": pycurl.version_info()[1],
        "tls": pycurl.version_info()[5],
    }


def caption(at: datetime, rounds: int, on: Mapping[str, Any]) -> str:
    """Return the time and machine of a run, as a sentence for the reader of its tables.

    Args:
        on: the result of `machine`.
    """
    versions = f"Python {on['python']}, libcurl {on['libcurl']}, {on['tls']}"
    where = f"{on['cores']} cores of {on['processor']}, {on['system']}, {versions}"
    return f"Measured in {rounds} rounds that ended at {at:%Y-%m-%d %H:%M} UTC; {where}."


def name_of_processor(cpuinfo: str) -> str:
    """Return the name of the first core from Linux's /proc/cpuinfo, or its architecture if it has none."""
    names = re.findall(r"^model name\s*: (.+)$", cpuinfo, re.MULTILINE)
    return names[0] if names else platform.machine()


def _scenario(result: ScenarioResult) -> dict[str, Any]:
    return {
        "name": result.scenario.name,
        "sentence": result.scenario.sentence,
        "seconds": round(result.seconds, 1),
        "wrong": list(result.wrong),
        "rounds": [{side.value: asdict(measured) for side, measured in one.items()} for one in result.rounds],
        "goals": [
            {
                "figure": figure.name,
                "goal": goal_text(check.goal),
                "reached": check.reached,
                "met": check.is_met,
            }
            for figure in result.scenario.figures
            for check in result.checks(figure)
        ],
    }
