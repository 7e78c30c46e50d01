"""A worker process stops in time."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator

import pytest
from structlog.testing import capture_logs

import webhooks_worker.worker
from config.settings import Settings
from doubles import PublishedRecoveries, RecordedIds
from webhooks.errors import StorageUnavailable
from webhooks_worker.worker import Queues, Worker

Ended = queue.SimpleQueue[int]


@pytest.fixture
def ended(monkeypatch: pytest.MonkeyPatch) -> Ended:
    """The exit codes with which the process would have ended."""
    ended: Ended = queue.SimpleQueue()
    monkeypatch.setattr("os._exit", ended.put)
    monkeypatch.setattr("resource.setrlimit", lambda *_: None)
    monkeypatch.setattr(webhooks_worker.worker, "keep_to_one_core", lambda: None)
    return ended


@pytest.fixture
def worker(settings: Settings, ended: Ended) -> Iterator[Worker]:  # noqa: ARG001  it must not end the tests
    before = set(threading.enumerate())
    worker = Worker(
        settings, Queues(RecordedIds(), list, PublishedRecoveries(), lambda _: None), stop_seconds=0.05
    )
    worker.start()
    (deadline,) = (thread for thread in set(threading.enumerate()) - before if thread.name == "deadline")
    yield worker
    worker.begin_to_stop()
    worker.stop()
    deadline.join(5)
    assert not deadline.is_alive()


def test_a_worker_that_must_stop_ends_in_time_whatever_hangs(worker: Worker, ended: Ended) -> None:
    """Its thread exists from the start, as a signal handler must not start one."""
    threads = set(threading.enumerate())

    worker.begin_to_stop()

    assert set(threading.enumerate()) <= threads
    assert ended.get(timeout=60) == 1


def test_a_worker_runs_without_figures_about_its_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise OSError("/proc/stat is hidden")

    monkeypatch.setattr(webhooks_worker.worker, "keep_to_one_core", fail)
    with capture_logs() as logs:
        webhooks_worker.worker._keep_to_one_core()
    assert [(entry["event"], entry["reason"]) for entry in logs] == [
        ("worker.cores_unknown", "/proc/stat is hidden")
    ]


def test_a_worker_that_must_stop_claims_no_more_feeds(worker: Worker) -> None:
    """Its storage is unreachable, so a claim would be seen."""
    with pytest.raises(StorageUnavailable):
        worker.feed_poller.poll_due()
    worker.begin_to_stop()
    assert worker.feed_poller.poll_due() == 0
