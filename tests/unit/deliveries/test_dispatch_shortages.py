"""Local shortages: a delivery that could not be called for lack of means is given back, as if never claimed."""

from __future__ import annotations

from itertools import pairwise

import pytest

from doubles import OK
from unit.conftest import Scene
from webhooks.admission.candidate import AdmissionDecision
from webhooks.admission.capacity import CallCapacity
from webhooks.admission.thresholds import FIRST_PAUSE, MAX_PAUSE
from webhooks.deliveries.delivery import State
from webhooks.http.shortages import Shortage

NO_FILES = Shortage("EMFILE")


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_a_call_that_was_not_made_is_no_attempt_and_stays_owed(scene: Scene) -> None:
    (hook_id,) = scene.owed(1)
    with scene.worker() as worker:
        worker.deliver([hook_id])
        scene.calls.end(NO_FILES)
    delivery = scene.store.delivery(hook_id)
    assert (delivery.state, delivery.attempts) == (State.QUEUED, ())
    (deferral,) = scene.ledger.deferrals
    assert deferral.reason is AdmissionDecision.OUT_OF_RESOURCES
    scene.store.clock.advance(1)
    assert [wakeup.hook_id for wakeup in scene.store.ledger.resume(100)] == [hook_id]
    scene.attempt(hook_id, OK)
    assert scene.store.delivery(hook_id).state is State.DELIVERED
    assert [attempt.number for attempt in scene.store.delivery(hook_id).attempts] == [1]
    assert scene.calls.sent[0].body == scene.calls.sent[1].body  # `retry` is false in both


def test_a_call_that_may_have_arrived_counts_as_interrupted(scene: Scene) -> None:
    (hook_id,) = scene.owed(1)
    with scene.worker() as worker:
        worker.deliver([hook_id])
        scene.calls.end(Shortage("OUT_OF_MEMORY", begun=True))
    assert scene.ledger.deferrals == []
    scene.store.clock.advance(15)
    assert scene.store.claim(hook_id).retry


def test_after_a_shortage_nothing_is_claimed_for_a_while(scene: Scene) -> None:
    """Otherwise each id would be claimed and given back as fast as Redis can."""
    first, second = scene.owed(2)
    with scene.worker(capacity_wait=0.0) as worker:
        worker.deliver([first])
        scene.calls.end(NO_FILES)
        assert worker.deliver([second]) == 0
    assert scene.publish_ids.published[-1] == ([second], 0.0)


def test_a_shortage_that_only_a_library_reports_starts_no_pause(scene: Scene) -> None:
    """Otherwise a receiver that could cause this error would delay all others."""
    first, second = scene.owed(2)
    with scene.worker() as worker:
        worker.deliver([first])
        scene.calls.end(Shortage("OUT_OF_MEMORY"))
        assert worker.deliver([second]) == 1
        scene.calls.end(OK)
    assert scene.store.delivery(first).attempts == ()


def test_shortages_do_not_count_against_the_receiver(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise it would count as unresponsive, and new deliveries would wait in its deferred set."""
    monkeypatch.setattr(CallCapacity, "pause", lambda _: None)
    with scene.worker() as worker:
        for hook_id in scene.owed(20):
            worker.deliver([hook_id])
            scene.calls.end(NO_FILES)
    assert {one.reason for one in scene.ledger.deferrals} == {AdmissionDecision.OUT_OF_RESOURCES}


def test_pauses_grow_while_no_call_succeeds(clock: Clock) -> None:
    capacity = CallCapacity(10, clock)
    ends = []
    for _ in range(8):
        capacity.pause()
        capacity.pause()  # in the same moment they count once
        while not (entered := capacity.acquire(1, timeout=0.0)):
            clock.now += 0.5
        capacity.release(entered)
        ends.append(clock.now)
    pauses = [ends[0], *(later - earlier for earlier, later in pairwise(ends))]
    assert pauses == [1, 2, 4, 8, 16, MAX_PAUSE, MAX_PAUSE, MAX_PAUSE]
    capacity.call_was_made()
    capacity.pause()
    clock.now += FIRST_PAUSE
    assert capacity.acquire(1, timeout=0.0) == 1


def test_a_pause_does_not_affect_calls_in_flight(clock: Clock) -> None:
    capacity = CallCapacity(2, clock)
    capacity.acquire(2, timeout=0.0)
    capacity.pause()
    capacity.release(2)
    assert capacity.wait_until_idle(timeout=0.0)


def test_a_call_without_memory_is_no_attempt(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(scene.calls, "send", fail)
    (hook_id,) = scene.owed(1)
    with scene.worker() as worker:
        worker.deliver([hook_id])
    assert scene.store.delivery(hook_id).attempts == ()
