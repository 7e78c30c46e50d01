"""Dispatching: due deliveries are signed and called, and the outcome decides what follows."""

from __future__ import annotations

import hmac
import json

import pytest
from structlog.testing import capture_logs

from doubles import OK, REFUSED, UNREACHABLE
from unit.conftest import Scene
from webhooks.deliveries.delivery import State
from webhooks.deliveries.retry import MAX_INTERRUPTIONS
from webhooks.http.call import Failure, Outcome


def test_a_success_ends_the_delivery(scene: Scene) -> None:
    (hook_id,) = scene.owed(1)
    scene.attempt(hook_id, OK)
    assert scene.store.delivery(hook_id).state is State.DELIVERED
    assert [attempt.outcome for attempt in scene.store.delivery(hook_id).attempts] == [OK]
    assert scene.publish_ids.published == []


def test_three_failures_exhaust_the_delivery(scene: Scene) -> None:
    """The first retry 5 s after the first failure, the second 30 s after the second (contract section 5)."""
    (hook_id,) = scene.owed(1)
    for outcome, seconds in ((REFUSED, 5), (UNREACHABLE, 30)):
        scene.attempt(hook_id, outcome)
        assert scene.publish_ids.published[-1] == ([hook_id], seconds)
        assert scene.store.delivery(hook_id).state is State.RETRYING
        with scene.worker() as worker:
            scene.store.clock.advance(seconds - 0.001)
            assert worker.deliver([hook_id]) == 0
        scene.store.clock.advance(0.001)
    rung_so_far = len(scene.publish_ids.published)
    scene.attempt(hook_id, REFUSED)

    assert len(scene.publish_ids.published) == rung_so_far
    delivery = scene.store.delivery(hook_id)
    assert (delivery.state, delivery.due) == (State.EXHAUSTED, None)
    assert [attempt.outcome for attempt in delivery.attempts] == [REFUSED, UNREACHABLE, REFUSED]


def test_each_attempt_is_made_again(scene: Scene) -> None:
    """Its number, time and `retry`, and the current URL and secret; the same hookId."""
    (hook_id,) = scene.owed(1)
    for number, wait in ((1, 5), (2, 30), (3, 0)):
        sealed = scene.box.seal(scene.profile, f"secret {number}")
        scene.store.register(scene.profile, "social", f"https://hooks.example/{number}", sealed)
        scene.attempt(hook_id, REFUSED)
        scene.store.clock.advance(wait)

    for number, retry, seconds, call in zip(
        (1, 2, 3), (False, True, True), (0, 5, 35), scene.calls.sent, strict=True
    ):
        body = json.loads(call.body)
        signature = hmac.new(f"secret {number}".encode(), call.body, "sha256").hexdigest()
        assert (body["hookId"], body["retry"]) == (hook_id, retry)
        assert call.url == body["url"] == f"https://hooks.example/{number}"
        assert call.headers["X-Webhook-Attempt"] == str(number)
        assert call.headers["X-Authorization-Timestamp"] == str(1_767_607_200 + seconds)
        assert call.headers["X-Authorization-Content-SHA256"] == signature


def test_the_attempt_of_a_dead_worker_is_repeated_as_a_retry(scene: Scene) -> None:
    (hook_id,) = scene.owed(1)
    scene.store.claim(hook_id, lease=15)
    scene.store.clock.advance(15)
    scene.attempt(hook_id, OK)
    (call,) = scene.calls.sent
    assert (call.headers["X-Webhook-Attempt"], json.loads(call.body)["retry"]) == ("1", True)


def test_a_profile_without_a_secret_is_called_unsigned(scene: Scene) -> None:
    (hook_id,) = scene.owed(1)
    scene.attempt(hook_id, OK)
    assert set(scene.calls.sent[0].headers) == {"Content-Type", "X-Webhook-Attempt"}


def test_an_unreadable_secret_is_a_failure_and_makes_no_call(scene: Scene) -> None:
    """The receiver would refuse an unsigned call, or worse, accept it. The operator may restore the key."""
    (hook_id,) = scene.owed(1)
    scene.store.set_secret(scene.profile, scene.box.seal("another profile's refId", "secret"))
    with scene.worker() as worker:
        assert worker.deliver([hook_id]) == 1

    assert scene.calls.sent == []
    assert scene.publish_ids.published == [([hook_id], 5)]
    (attempt,) = scene.store.delivery(hook_id).attempts
    assert attempt.outcome == Outcome(None, Failure.SIGNING, 0)


def test_removing_a_webhook_cancels_the_delivery(scene: Scene) -> None:
    (hook_id,) = scene.owed(1)
    scene.store.webhooks.remove(scene.profile, "social")
    with scene.worker() as worker:
        assert worker.deliver([hook_id]) == 1

    assert scene.calls.sent == []
    assert scene.publish_ids.published == []
    delivery = scene.store.delivery(hook_id)
    assert (delivery.state, delivery.attempts, delivery.due) == (State.CANCELED, (), None)


def test_removing_a_profile_cancels_the_delivery(scene: Scene) -> None:
    shop = scene.store.profile(scene.profile, social="https://shop.example/")
    hook_id = scene.store.owed(shop)
    profile = scene.store.accounts.profile(shop)
    assert profile is not None
    scene.store.accounts.remove_profile(profile)
    with scene.worker() as worker:
        worker.deliver([hook_id])
    assert scene.calls.sent == []
    assert scene.store.delivery(hook_id).state is State.CANCELED


def test_a_delivery_that_is_not_due_is_left_unchanged(scene: Scene) -> None:
    (leased,) = scene.owed(1)
    scene.store.claim(leased)
    with scene.worker() as worker:
        assert worker.deliver([leased, "neverHeardOf"]) == 0
        assert worker.deliver([]) == 0
    assert scene.calls.sent == []


def test_an_early_message_is_published_again_in_time(scene: Scene) -> None:
    """A countdown depends on the clock of the machine that published it."""
    (hook_id,) = scene.owed(1)
    scene.attempt(hook_id, REFUSED)
    with scene.worker() as worker:
        scene.store.clock.advance(3.95)
        assert worker.deliver([hook_id]) == 0
    assert scene.publish_ids.published == [([hook_id], 5.0), ([hook_id], 1.1)]


def test_a_delivery_that_is_interrupted_five_times_is_exhausted(scene: Scene) -> None:
    """The operator finds it in the log, and the customer in the delivery log."""
    (hook_id,) = scene.owed(1)
    with capture_logs() as logs:
        while scene.store.delivery(hook_id).state is State.QUEUED:
            dispatcher = scene.dispatcher()
            dispatcher.deliver([hook_id])
            scene.store.clock.advance(60)
    assert [(log["event"], log["hook_id"]) for log in logs] == [("delivery.interrupted_too_often", hook_id)]
    assert scene.store.delivery(hook_id).state is State.EXHAUSTED
    assert len(scene.calls.sent) == MAX_INTERRUPTIONS


def test_a_lease_outlives_the_longest_call(scene: Scene) -> None:
    """10 s of timeout and 5 s to record it."""
    (hook_id,) = scene.owed(1)
    with scene.worker() as worker:
        worker.deliver([hook_id])
        assert scene.store.wakeup(hook_id) == 15
        scene.calls.end(OK)


def test_a_worker_that_lost_its_lease_records_nothing(scene: Scene) -> None:
    (hook_id,) = scene.owed(1)
    with scene.worker() as late, capture_logs() as logs:
        late.deliver([hook_id])
        scene.store.clock.advance(15)
        successor = scene.store.claim(hook_id)
        scene.calls.end(REFUSED)
        assert late.close(timeout=5)
    assert [log["event"] for log in logs] == ["delivery.lease_outlived"]
    assert scene.publish_ids.published == []
    assert scene.store.redis.hget(f"delivery:{hook_id}", "token") == successor.token


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        (OK, {"state": "delivered", "status": 200, "error": None, "detail": None, "ms": 12, "next_in": None}),
        (REFUSED, {"state": "retrying", "status": 500, "error": None, "detail": None, "ms": 34, "next_in": 5.0}),
        (
            UNREACHABLE,
            {"state": "retrying", "status": None, "error": "connect", "detail": None, "ms": 56, "next_in": 5.0},
        ),
    ],
)
def test_each_attempt_is_logged_in_one_line(scene: Scene, outcome: Outcome, expected: dict[str, object]) -> None:
    """With the fields that operators need, and without payload, secret or URL."""
    (hook_id,) = scene.owed(1)
    scene.store.register(
        scene.profile, "social", "https://hooks.example/", scene.box.seal(scene.profile, "secret")
    )
    with capture_logs() as logs:
        scene.attempt(hook_id, outcome)
    assert logs == [
        {
            "event": "delivery.attempted",
            "log_level": "info",
            "each": [{"hook_id": hook_id, "action": "social", "attempt": 1, **expected}],
        }
    ]
