"""Many deliveries at once: calls are concurrent, and the capacity limits them."""

from __future__ import annotations

from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait

import pytest
from structlog.testing import capture_logs

from doubles import OK, REFUSED
from unit.conftest import Scene
from unit.deliveries.attempt_scene import SLOW, TIMEOUT, end_all, states
from webhooks.admission.candidate import AdmissionDecision
from webhooks.admission.thresholds import TIMEOUTS_UNTIL_UNRESPONSIVE
from webhooks.deliveries.delivery import State
from webhooks.deliveries.wakeup import Lane
from webhooks.errors import StorageUnavailable
from webhooks.http.call import Outcome


def test_all_calls_of_a_message_are_in_flight_at_once(scene: Scene) -> None:
    """An unresponsive receiver does not delay the others, and `deliver` waits for none of them."""
    hook_ids = scene.owed(50)
    with scene.worker() as worker:
        assert worker.deliver(hook_ids) == 50
        assert len(scene.calls.sent) == 50
        for place in reversed(range(50)):
            scene.calls.end(OK, place)
    assert states(scene, hook_ids) == [State.DELIVERED] * 50


def test_outcomes_that_arrive_during_a_step_share_the_next(scene: Scene) -> None:
    """One round trip and one message for all of them."""
    first, *others = scene.owed(4)
    with scene.worker() as worker:
        worker.deliver([first, *others])
        scene.ledger.may_record.clear()
        scene.calls.end(REFUSED, 0)
        assert scene.ledger.recording.wait(5)
        for place in (1, 2, 3):
            scene.calls.end(REFUSED, place)
        scene.ledger.may_record.set()
    assert scene.ledger.records == [1, 3]
    assert scene.publish_ids.published == [([first], 5), (others, 5)]


def test_calls_in_flight_never_exceed_the_capacity(scene: Scene) -> None:
    first, second, third = scene.owed(3)
    with scene.worker(in_flight=2) as worker, ThreadPoolExecutor(1) as thread:
        begun = thread.submit(worker.deliver, [first, second, third])
        scene.calls.wait_for(2)
        with pytest.raises(TimeoutError):
            begun.result(timeout=0.05)
        assert len(scene.calls.sent) == 2

        scene.calls.end(OK, 0)
        assert begun.result(timeout=60) == 3
        scene.calls.end(OK, 1)
        scene.calls.end(OK, 2)
    assert states(scene, [first, second, third]) == [State.DELIVERED] * 3


@pytest.mark.parametrize("outcome", [SLOW, TIMEOUT])
def test_deliveries_without_a_slot_wait_in_the_ledger(scene: Scene, outcome: Outcome) -> None:
    """The reason says whether the receiver is unresponsive or its host is full.

    The worker has capacity for more, whatever is not recorded yet, as its account is not full.
    """
    with scene.worker(in_flight=3000) as worker:
        worker.deliver(scene.owed(TIMEOUTS_UNTIL_UNRESPONSIVE))
        end_all(scene, outcome)
        worker.deliver(scene.owed(1000))
        end_all(scene, outcome, first=TIMEOUTS_UNTIL_UNRESPONSIVE)
    unresponsive, full = AdmissionDecision.UNRESPONSIVE, AdmissionDecision.HOST_IS_FULL
    reasons = {(deferral.reason, deferral.host) for deferral in scene.ledger.deferrals}
    assert reasons == {(unresponsive if outcome is TIMEOUT else full, "hooks.example:443")}


def test_ids_that_are_not_due_take_no_capacity(scene: Scene) -> None:
    hook_ids = scene.owed(2)
    with scene.worker(in_flight=2) as worker:
        assert worker.deliver(["neverHeardOf"] * 7) == 0
        assert worker.deliver(hook_ids) == 2
        scene.calls.end(OK, 0)
        scene.calls.end(OK, 1)


def test_an_outage_while_claiming_is_waited_out(scene: Scene) -> None:
    """Storage may have made the claim and failed to answer: nobody else would get the delivery for 15 s."""
    hook_ids = scene.owed(2)
    scene.ledger.outages = 3
    with scene.worker(in_flight=2) as worker, capture_logs() as logs:
        assert worker.deliver(hook_ids) == 2
        scene.calls.end(OK, 0)
        scene.calls.end(OK, 1)
    assert states(scene, hook_ids) == [State.DELIVERED] * 2
    assert [log["event"] for log in logs][:3] == ["delivery.claim_retried"] * 3
    assert [call.headers["X-Webhook-Attempt"] for call in scene.calls.sent] == ["1", "1"]


def test_a_worker_stops_during_an_outage_while_claiming(scene: Scene) -> None:
    hook_ids = scene.owed(2)
    scene.ledger.outages = 1_000_000
    with scene.worker(in_flight=2) as worker, ThreadPoolExecutor(1) as thread:
        claiming = thread.submit(worker.deliver, hook_ids)
        worker.stop_claiming()
        with pytest.raises(StorageUnavailable):
            claiming.result(timeout=60)
        scene.ledger.outages = 0
    assert scene.calls.sent == []


def test_a_stopping_worker_leaves_new_messages_to_others(scene: Scene) -> None:
    hook_ids = scene.owed(2)
    with scene.worker() as worker:
        worker.stop_claiming()
        assert worker.deliver(hook_ids) == 0
    assert scene.publish_ids.published == [(hook_ids, 0.0)]
    assert scene.calls.sent == []


def test_a_worker_without_capacity_leaves_messages_to_others(scene: Scene) -> None:
    """It must not block the thread, which the sweep needs too."""
    first, second = scene.owed(2)
    with scene.worker(in_flight=1, capacity_wait=0.01) as worker:
        assert worker.deliver([first, second]) == 1
        scene.calls.end(OK)
    assert scene.publish_ids.published == [([second], 0.01)]


def test_a_large_message_uses_the_available_capacity(scene: Scene) -> None:
    """If it waited for capacity for all of its ids, messages with one id would overtake it for ever."""
    single, *many = scene.owed(4)
    with scene.worker(in_flight=3, capacity_wait=0.01) as worker:
        worker.deliver([single])
        assert worker.deliver(many) == 2
        for place in range(3):
            scene.calls.end(OK, place)
    assert states(scene, [single, *many]) == [State.DELIVERED] * 3 + [State.QUEUED]
    assert scene.publish_ids.published == [(many[2:], 0.01)]


def test_without_capacity_one_bulk_message_waits_and_the_rest_go_back(scene: Scene) -> None:
    """Otherwise all threads of a worker would wait, and express messages behind them."""
    *three, first, second, express = scene.owed(6)
    with (
        scene.worker(in_flight=4, capacity_wait=5.0, bulk_capacity_wait=0.01) as worker,
        ThreadPoolExecutor(2) as threads,
    ):
        worker.deliver(three, Lane.BULK)
        waiting = {threads.submit(worker.deliver, [one], Lane.BULK): one for one in (first, second)}
        (gone_back,), (waits,) = wait(waiting, 2, FIRST_COMPLETED)
        assert gone_back.result() == 0
        assert scene.publish_ids.published == [([waiting[gone_back]], 5.0)]
        assert worker.deliver([express]) == 1
        assert not waits.done()
        scene.calls.end(OK, 0)
        scene.calls.end(OK, 1)
        assert waits.result(timeout=60) == 1
        for place in (2, 3, 4):
            scene.calls.end(OK, place)
    assert states(scene, [*three, waiting[waits], express]) == [State.DELIVERED] * 5
