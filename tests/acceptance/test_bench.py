"""`make bench` measures the product and its baseline."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from running import ROOT
from webhooks_local.child_process import ending_with_parent

DEADLINE = 120

pytestmark = pytest.mark.alone


def test_a_scenario_is_measured_for_the_product_and_the_baseline(tmp_path: Path) -> None:
    arguments = ["--quick", "--only", "singles", "--output", str(tmp_path)]
    command = ending_with_parent([sys.executable, "-m", "harness.bench", *arguments])
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=DEADLINE, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    (scenario,) = json.loads((tmp_path / "bench.json").read_text())["scenarios"]
    (measured,) = scenario["rounds"]
    assert all(measured[side]["figures"]["rate"] > 0 for side in ("ours", "baseline"))
