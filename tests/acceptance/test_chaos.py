"""Every fault once, in short: nothing that was answered 202 is lost. `make chaos` takes its time."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from chaos.faults import FAULTS
from running import ROOT
from webhooks_local.tether import tethered

#: How many run side by side: they mostly wait.
STACKS = 2 * (os.cpu_count() or 1)
#: Seconds that the whole quick run may take before it is given up.
DEADLINE = 400.0

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the harness reads Linux' /proc")


@dataclass
class Chaos:
    """A run of the harness, whose results come one by one."""

    process: subprocess.Popen[bytes]
    results: Path
    end: float

    def result(self, fault: str) -> dict[str, Any]:
        """Return what a fault did, as soon as it is known."""
        while time.monotonic() < self.end:
            ended = self.process.poll() is not None
            lines = self.results.read_text().splitlines() if self.results.exists() else []
            for result in map(json.loads, lines):
                if result["fault"] == fault:
                    return dict(result)
            if ended:
                break
            time.sleep(0.1)
        pytest.fail(f"the harness has nothing to say about {fault}")


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Chaos]]:
    """The product, and two builds that are broken on purpose; all run side by side."""
    begun = {
        "whole": _begin(tmp_path_factory.mktemp("whole"), "--stacks", str(STACKS)),
        "sweep": _begin(tmp_path_factory.mktemp("sweep"), "--fault", "queue-deleted", "--without", "sweep"),
        "lease": _begin(tmp_path_factory.mktemp("lease"), "--fault", "messages-doubled", "--without", "lease"),
    }
    yield begun
    for run in begun.values():
        run.process.terminate()
    for run in begun.values():
        run.process.wait(30)


@pytest.mark.parametrize("fault", [name for name, fault in FAULTS.items() if fault.quick])
def test_no_promise_is_broken_by(runs: dict[str, Chaos], fault: str) -> None:
    result = runs["whole"].result(fault)
    assert result["wrong"] == [], result
    assert result["lost"] == []


def test_a_build_without_the_sweep_is_seen_to_lose(runs: dict[str, Chaos]) -> None:
    """A check that cannot fail would show nothing."""
    assert runs["sweep"].result("queue-deleted")["lost"]


def test_a_build_without_the_lease_is_seen_to_call_twice(runs: dict[str, Chaos]) -> None:
    assert runs["lease"].result("messages-doubled")["duplicates"] > 0


def _begin(directory: Path, *arguments: str) -> Chaos:
    results = directory / "results"
    command = [
        sys.executable,
        "-m",
        "chaos",
        "--quick",
        "--json",
        str(results),
        "--keep",
        str(directory),
        *arguments,
    ]
    with (directory / "chaos.log").open("wb") as log:
        process = subprocess.Popen(tethered(command), cwd=ROOT, stdout=log, stderr=log)
    return Chaos(process, results, time.monotonic() + DEADLINE)
