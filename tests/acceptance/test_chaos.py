"""Every fault of `make chaos`, in short: no event that was answered 202 is lost."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.chaos.faults import FAULTS
from harness_run import Harness

#: The number of concurrent runs, which mostly wait.
STACKS = 2 * (os.cpu_count() or 1)
#: The timeout of the whole quick run in seconds.
DEADLINE = 900.0

pytestmark = [
    pytest.mark.alone,
    pytest.mark.skipif(sys.platform != "linux", reason="the harness reads Linux' /proc"),
]


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Harness]]:
    """The product and two builds with an intended fault, all run at the same time."""
    begun = {
        "whole": _begin(tmp_path_factory.mktemp("whole"), "--stacks", str(STACKS)),
        "sweep": _begin(tmp_path_factory.mktemp("sweep"), "--fault", "queue-deleted", "--without", "sweep"),
        "lease": _begin(tmp_path_factory.mktemp("lease"), "--fault", "messages-doubled", "--without", "lease"),
    }
    yield begun
    for run in begun.values():
        run.stop()


@pytest.mark.parametrize("fault", [name for name, fault in FAULTS.items() if fault.quick])
def test_no_promise_is_broken_by(runs: dict[str, Harness], fault: str) -> None:
    result = runs["whole"].result("fault", fault)
    assert result["wrong"] == [], result
    assert result["lost"] == []


def test_a_build_without_the_sweep_is_found_to_lose_events(runs: dict[str, Harness]) -> None:
    """The harness must find the loss in a faulty build."""
    assert runs["sweep"].result("fault", "queue-deleted")["lost"]


def test_a_build_without_the_lease_is_found_to_call_twice(runs: dict[str, Harness]) -> None:
    assert runs["lease"].result("fault", "messages-doubled")["duplicates"] > 0


def _begin(directory: Path, *arguments: str) -> Harness:
    return Harness("chaos", directory, DEADLINE, "--quick", *arguments)
