"""A worker process stops in time."""

from __future__ import annotations

import queue
import threading

import pytest

import webhooks_worker.worker
from config.settings import Settings
from doubles import PublishedRecoveries, RecordingRing
from webhooks_worker.worker import Queues, Worker


def test_a_worker_that_is_told_to_stop_ends_in_time_whatever_holds_it_up(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The thread for that is there from the start: none may be started in the signal handler that is told."""
    ended: queue.SimpleQueue[int] = queue.SimpleQueue()
    monkeypatch.setattr("os._exit", ended.put)
    monkeypatch.setattr("resource.setrlimit", lambda *_: None)
    monkeypatch.setattr(webhooks_worker.worker, "STOP_SECONDS", 0.05)
    worker = Worker(settings, Queues(RecordingRing(), list, PublishedRecoveries(), lambda _: None))
    worker.start()
    threads = set(threading.enumerate())

    worker.begin_to_stop()

    assert set(threading.enumerate()) <= threads
    assert ended.get(timeout=5) == 1
    worker.stop()
