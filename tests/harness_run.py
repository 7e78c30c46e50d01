"""A run of `make chaos` or `make zoo`, whose results come one by one."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from running import ROOT
from webhooks_local.child_process import ending_with_parent


class Harness:
    """A run that has started.

    Args:
        package: `chaos` or `zoo`.
        directory: the directory for its files.
        deadline: the timeout of the run in seconds.
        arguments: its command line arguments.
    """

    def __init__(self, package: str, directory: Path, deadline: float, *arguments: str) -> None:
        self._results = directory / "results"
        self._end = time.monotonic() + deadline
        options = ["--json", str(self._results), "--keep", str(directory), *arguments]
        with (directory / f"{package}.log").open("wb") as log:
            self._process = subprocess.Popen(
                ending_with_parent([sys.executable, "-m", f"harness.{package}", *options]),
                cwd=ROOT,
                stdout=log,
                stderr=log,
            )

    def result(self, kind: str, name: str) -> dict[str, Any]:
        """Wait for the result of the `kind` with this name, and return it."""
        while time.monotonic() < self._end:
            ended = self._process.poll() is not None
            lines = self._results.read_text().splitlines() if self._results.exists() else []
            for result in map(json.loads, lines):
                if result[kind] == name:
                    return dict(result)
            if ended:
                break
            time.sleep(0.1)
        pytest.fail(f"the harness has nothing to say about the {kind} {name}")

    def stop(self) -> None:
        """Stop the run, unless it has ended."""
        self._process.terminate()
        self._process.wait(30)
