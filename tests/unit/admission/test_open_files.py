"""The concurrent work of a worker and of the API fits into their open files."""

from __future__ import annotations

import resource
import subprocess
import sys

import pytest

from webhooks.admission.process_limits import BESIDE_CALLS, RESERVED, ProcessLimits, process_limits_within
from webhooks.admission.thresholds import MAX_CALLS, MAX_CONNECTIONS
from webhooks_api.server.capacity import api_capacity_within

LIMITS = [256, 512, 1024, 2048, 4096, 65_536]


@pytest.mark.parametrize("open_files", LIMITS)
def test_connections_fit_into_the_open_files_of_a_worker(open_files: int) -> None:
    capacity = process_limits_within(open_files)
    assert RESERVED + capacity.connections < open_files


@pytest.mark.parametrize("open_files", [0, 64, 100, *LIMITS])
def test_every_call_and_every_feed_may_have_a_connection(open_files: int) -> None:
    """Otherwise one would wait, and its receiver would count as slow."""
    capacity = process_limits_within(open_files)
    assert 1 <= capacity.calls <= capacity.connections - BESIDE_CALLS


def test_a_worker_with_many_open_files_has_its_full_capacity() -> None:
    assert process_limits_within(65_536) == ProcessLimits(MAX_CALLS, MAX_CONNECTIONS)
    assert process_limits_within(65_536).is_full
    assert not process_limits_within(1024).is_full


@pytest.mark.parametrize("open_files", LIMITS)
def test_callers_and_threads_fit_into_the_open_files_of_the_api(open_files: int) -> None:
    capacity = api_capacity_within(open_files)
    assert capacity.connections + 2 * capacity.threads < open_files
    assert capacity.connections > capacity.threads  # gunicorn keeps connections for the rest


def test_a_process_raises_its_soft_limit_to_its_hard_limit() -> None:
    """In another process, as the limit of the tests must not change."""
    program = (
        "import resource, webhooks.runtime.open_files\n"
        "resource.setrlimit(resource.RLIMIT_NOFILE, (100, 200))\n"
        "print(webhooks.runtime.open_files.allow_many_open_files(), *resource.getrlimit(resource.RLIMIT_NOFILE))"
    )
    assert resource.getrlimit(resource.RLIMIT_NOFILE)[1] >= 200
    printed = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert printed.split() == ["200", "200", "200"]
