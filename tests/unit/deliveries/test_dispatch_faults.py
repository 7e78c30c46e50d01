"""Outages and faults while deliveries are claimed, recorded or given back."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
from structlog.testing import capture_logs

from doubles import OK, REFUSED
from unit.conftest import Scene
from unit.deliveries.attempt_scene import states
from webhooks.admission.capacity import CallCapacity
from webhooks.deliveries.claimer import AttemptLimits
from webhooks.deliveries.delivery import State
from webhooks.deliveries.dispatch import Dispatcher
from webhooks.deliveries.wakeup import Lane


def test_an_outage_while_recording_is_waited_out(scene: Scene) -> None:
    """The call has been made, so its outcome must not be lost."""
    (hook_id,) = scene.owed(1)
    with scene.worker() as worker, capture_logs() as logs:
        worker.deliver([hook_id])
        scene.ledger.outages = 3
        scene.calls.end(OK)
        assert worker.close(timeout=5)
    assert states(scene, [hook_id]) == [State.DELIVERED]
    assert [log["event"] for log in logs] == ["delivery.record_retried"] * 3 + ["delivery.attempted"]


def test_a_delivery_that_cannot_start_does_not_stop_others(scene: Scene) -> None:
    """Its lease expires, and it is attempted again."""
    bad, good = scene.owed(2)
    scene.store.redis.hset(f"delivery:{bad}", "payload", "damaged")
    with scene.worker() as worker, capture_logs() as logs:
        assert worker.deliver([bad, good]) == 2
        scene.calls.end(OK)
        assert worker.close(timeout=5)
    assert states(scene, [bad, good]) == [State.QUEUED, State.DELIVERED]
    assert ("delivery.cannot_begin", bad) in [(log["event"], log.get("hook_id")) for log in logs]


def test_an_outcome_that_cannot_be_recorded_does_not_stop_others(scene: Scene) -> None:
    first, bad, good, last = scene.owed(4)
    with scene.worker() as worker, capture_logs() as logs:
        worker.deliver([first, bad, good])
        scene.store.redis.delete(f"delivery:{bad}")
        scene.store.redis.set(f"delivery:{bad}", "no hash")
        scene.ledger.may_record.clear()
        scene.calls.end(OK, 0)
        assert scene.ledger.recording.wait(5)
        scene.calls.end(OK, 1)
        scene.calls.end(OK, 2)
        scene.ledger.may_record.set()
        worker.deliver([last])
        scene.calls.end(OK)
        assert worker.close(timeout=5)
    assert states(scene, [first, good, last]) == [State.DELIVERED] * 3
    assert "delivery.cannot_record" in [log["event"] for log in logs]


def test_closing_waits_for_calls_in_flight(scene: Scene) -> None:
    """A worker that must stop finishes and records its calls."""
    (hook_id,) = scene.owed(1)
    with scene.worker() as worker, ThreadPoolExecutor(1) as thread:
        worker.deliver([hook_id])
        closed = thread.submit(worker.close, 5)
        with pytest.raises(TimeoutError):
            closed.result(timeout=0.05)
        scene.calls.end(OK)
        assert closed.result(timeout=60) is True
    assert states(scene, [hook_id]) == [State.DELIVERED]


def test_closing_gives_a_hanging_call_back(scene: Scene) -> None:
    """Another worker attempts it again at once."""
    (hook_id,) = scene.owed(1)
    dispatcher = scene.dispatcher()
    dispatcher.deliver([hook_id])
    assert dispatcher.close(timeout=0.01) is False
    assert scene.publish_ids.published == [([hook_id], 0.0)]
    scene.attempt(hook_id, OK)
    assert [attempt.retry for attempt in scene.store.delivery(hook_id).attempts] == [False, True]


def test_an_outage_does_not_delay_closing(scene: Scene) -> None:
    (hook_id,) = scene.owed(1)
    with scene.worker() as worker:
        worker.deliver([hook_id])
        scene.ledger.outages = 1_000_000
        scene.calls.end(OK)
        assert scene.ledger.recording.wait(5)
        assert worker.close(timeout=0.01) is False


def test_capacity_is_awaited_and_returned() -> None:
    capacity = CallCapacity(2)
    assert capacity.acquire(2, timeout=0) == 2
    entering, entered = threading.Event(), threading.Event()

    def enter() -> None:
        entering.set()
        capacity.acquire(1, timeout=5)
        entered.set()

    thread = threading.Thread(target=enter)
    thread.start()
    assert entering.wait(5)
    assert not entered.wait(0.05)
    capacity.release(1)
    assert entered.wait(5)
    thread.join()


def test_taking_capacity_has_a_deadline() -> None:
    capacity = CallCapacity(2)
    assert capacity.acquire(2, timeout=0) == 2
    assert capacity.acquire(1, timeout=0.01) == 0
    capacity.release(2)
    assert capacity.acquire(2, timeout=0) == 2


def test_capacity_can_be_taken_in_part() -> None:
    capacity = CallCapacity(3)
    assert capacity.acquire(2, timeout=0) == 2
    assert capacity.acquire(2, timeout=0) == 1
    capacity.release(1)
    assert capacity.acquire(2, timeout=0) == 1


@pytest.mark.parametrize(("taken", "empty"), [(0, True), (1, False)])
def test_capacity_knows_whether_it_is_used_up(taken: int, empty: bool) -> None:
    capacity = CallCapacity(2)
    capacity.acquire(taken, timeout=0)
    assert capacity.wait_until_idle(0.01) is empty


def test_a_failed_recorder_is_reported(scene: Scene) -> None:
    """Otherwise its worker would go on claiming, and nothing would ever be recorded."""
    failed = threading.Event()

    def broken(hook_ids: Sequence[str], delay: float, lane: Lane = Lane.EXPRESS) -> None:
        raise RuntimeError(hook_ids, delay, lane)

    limits = AttemptLimits(timeout=10, retry_delays=(5.0, 30.0))
    dispatcher = Dispatcher(scene.ledger, scene.calls, scene.box, broken, limits, on_failure=failed.set)
    with capture_logs() as logs:
        dispatcher.deliver(scene.owed(1))
        scene.calls.end(REFUSED)
        assert failed.wait(60)
    assert "delivery.recorder_failed" in [log["event"] for log in logs]
