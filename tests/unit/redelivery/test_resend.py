"""Resending: an ended delivery of the caller gets another round of attempts."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest
from msgspec import structs
from structlog.testing import capture_logs

from doubles import OK, REFUSED, UNREACHABLE, contents
from stores import Store
from unit.conftest import Scene
from webhooks.deliveries.delivery import Attempt, State
from webhooks.delivery_log.entries import DeliveryRecord
from webhooks.errors import AttemptedTooOften, StillOwed, UnknownDelivery, UnknownWebhook
from webhooks.http.call import Outcome
from webhooks.redelivery.redelivery import (
    MAX_ATTEMPTS,
    MAX_KEPT_BYTES,
    Redelivery,
    RedeliveryReceipt,
    redelivery_of,
)
from webhooks.redelivery.resend import Resender
from webhooks.store.connection import moment


@pytest.fixture
def resender(scene: Scene) -> Resender:
    return Resender(scene.store.records, scene.store.redeliveries, scene.store.accounts, scene.publish_ids)


def test_a_resent_delivery_is_queued_and_published_under_its_old_id(scene: Scene, resender: Resender) -> None:
    hook_id = scene.store.ended(scene.profile, State.DELIVERED, OK)
    with capture_logs() as logs:
        resent = resender.resend(scene.profile, hook_id)
    assert (resent.hook_id, resent.state) == (hook_id, State.QUEUED)
    assert scene.publish_ids.published == [([hook_id], 0.0)]
    assert logs == [
        {"event": "delivery.resent", "log_level": "info", "hook_id": hook_id, "action": "social", "attempts": 1}
    ]


def test_a_resend_makes_one_attempt_and_two_retries(scene: Scene, resender: Resender) -> None:
    """The attempt numbers continue, each attempt is a retry, and the delays are those of the first round."""
    (hook_id,) = scene.owed(1)
    for _ in range(2):
        for outcome, seconds in ((REFUSED, 5), (UNREACHABLE, 30)):
            scene.attempt(hook_id, outcome)
            assert scene.publish_ids.published[-1] == ([hook_id], seconds)
            scene.store.clock.advance(seconds)
        scene.attempt(hook_id, REFUSED)
        assert scene.store.delivery(hook_id).state is State.EXHAUSTED
        resender.resend(scene.profile, hook_id)
    scene.attempt(hook_id, OK)

    delivery = scene.store.delivery(hook_id)
    assert delivery.state is State.DELIVERED
    assert [attempt.number for attempt in delivery.attempts] == [1, 2, 3, 4, 5, 6, 7]
    assert [call.headers["X-Webhook-Attempt"] for call in scene.calls.sent] == list("1234567")
    assert [json.loads(call.body)["retry"] for call in scene.calls.sent] == [False] + [True] * 6
    assert {json.loads(call.body)["hookId"] for call in scene.calls.sent} == {hook_id}


def test_another_accounts_delivery_is_unknown(scene: Scene, resender: Resender) -> None:
    hook_id = scene.store.ended(scene.profile)
    before = contents(scene.store.redis)
    for account, asked in ((scene.store.account(), hook_id), (scene.profile, "neverHeardOf")):
        with pytest.raises(UnknownDelivery):
            resender.resend(account, asked)
    assert contents(scene.store.redis).items() >= before.items()
    assert scene.publish_ids.published == []


@pytest.mark.parametrize("state", [State.QUEUED, State.RETRYING])
def test_an_owed_delivery_is_not_resent(scene: Scene, resender: Resender, state: State) -> None:
    (hook_id,) = scene.owed(1)
    if state is State.RETRYING:
        scene.attempt(hook_id, REFUSED)
    before = contents(scene.store.redis)
    with pytest.raises(StillOwed):
        resender.resend(scene.profile, hook_id)
    assert contents(scene.store.redis) == before


class ConcurrentChange:
    """`webhooks.redelivery.resend.Redeliveries` that changes a delivery just before it is redelivered."""

    def __init__(self, scene: Scene, change: Callable[[Redelivery], object]) -> None:
        self._scene = scene
        self._change = change

    def redeliver(self, redelivery: Redelivery) -> RedeliveryReceipt:
        """Make the change, then redeliver."""
        self._change(redelivery)
        return self._scene.store.redeliveries.redeliver(redelivery)

    def resend(self, hook_id: str) -> None:
        """Resend a delivery."""
        store = self._scene.store
        Resender(store.records, self, store.accounts, self._scene.publish_ids).resend(self._scene.profile, hook_id)


def test_of_two_concurrent_resends_one_is_refused(scene: Scene) -> None:
    hook_id = scene.store.ended(scene.profile)
    with pytest.raises(StillOwed):
        ConcurrentChange(scene, scene.store.redeliveries.redeliver).resend(hook_id)
    assert scene.store.delivery(hook_id).state is State.QUEUED
    assert scene.publish_ids.published == []


def test_a_delivery_that_expires_during_a_resend_is_unknown(scene: Scene) -> None:
    hook_id = scene.store.ended(scene.profile)
    with pytest.raises(UnknownDelivery):
        ConcurrentChange(scene, lambda _: scene.store.redis.delete(f"ended:{hook_id}")).resend(hook_id)
    assert scene.publish_ids.published == []


def test_a_damaged_record_is_an_error_and_not_reported_as_owed(scene: Scene) -> None:
    """For example after a manual change in Redis."""
    hook_id = scene.store.ended(scene.profile)
    with pytest.raises(RuntimeError, match=hook_id):
        ConcurrentChange(scene, lambda _: scene.store.redis.set(f"delivery:{hook_id}", "no hash")).resend(hook_id)
    assert scene.publish_ids.published == []


def test_a_delivery_whose_webhook_was_removed_is_not_resent(scene: Scene, resender: Resender) -> None:
    hook_id = scene.store.ended(scene.profile)
    scene.store.webhooks.remove(scene.profile, "social")
    with pytest.raises(UnknownWebhook):
        resender.resend(scene.profile, hook_id)
    assert scene.store.delivery(hook_id).state is State.EXHAUSTED


def test_a_delivery_that_was_interrupted_too_often_can_be_resent(scene: Scene, resender: Resender) -> None:
    (hook_id,) = scene.owed(1)
    scene.store.interrupt_until_exhausted(hook_id)
    resender.resend(scene.profile, hook_id)
    scene.attempt(hook_id, OK)
    assert scene.store.delivery(hook_id).state is State.DELIVERED
    assert json.loads(scene.calls.sent[0].body)["retry"] is True


def test_a_delivery_with_a_hundred_attempts_is_not_resent(scene: Scene, resender: Resender) -> None:
    """The log is kept for months, and each attempt reads all of it."""
    hook_id = scene.store.ended(scene.profile)
    for _ in range(MAX_ATTEMPTS - 1):
        resender.resend(scene.profile, hook_id)
        scene.store.end(hook_id)
    with pytest.raises(AttemptedTooOften, match=str(MAX_ATTEMPTS)):
        resender.resend(scene.profile, hook_id)


def test_the_oldest_answers_are_dropped_if_all_are_too_long_together(store: Store) -> None:
    profile = store.account(social="https://hooks.example/")
    record = store.record_of(store.ended(profile))
    kept = redelivery_of(_with_bodies(store, record, [MAX_KEPT_BYTES // 2, 10, MAX_KEPT_BYTES // 2, 0]))
    assert kept is not None
    assert [len(attempt.outcome.body) for attempt in kept.attempts] == [0, 10, MAX_KEPT_BYTES // 2, 0]
    assert {attempt.outcome.status for attempt in kept.attempts} == {500}
    all_kept = redelivery_of(_with_bodies(store, record, [MAX_KEPT_BYTES // 3] * 3))
    assert all_kept is not None
    assert all(attempt.outcome.body for attempt in all_kept.attempts)


def _with_bodies(store: Store, record: DeliveryRecord, lengths: list[int]) -> DeliveryRecord:
    attempts = tuple(
        Attempt(number, moment(store.clock()), retry=True, outcome=Outcome(500, None, 1, body=b"x" * length))
        for number, length in enumerate(lengths, 1)
    )
    return replace(record, delivery=structs.replace(record.delivery, attempts=attempts))
