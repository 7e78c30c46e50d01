"""Resending: a delivery that has ended gets another round of attempts, if it is the caller's."""

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


def test_it_is_published_and_queued_under_its_old_id(scene: Scene, resender: Resender) -> None:
    hook_id = scene.store.ended(scene.profile, State.DELIVERED, OK)
    with capture_logs() as logs:
        resent = resender.resend(scene.profile, hook_id)
    assert (resent.hook_id, resent.state) == (hook_id, State.QUEUED)
    assert scene.publish_ids.published == [([hook_id], 0.0)]
    assert logs == [
        {"event": "delivery.resent", "log_level": "info", "hook_id": hook_id, "action": "social", "attempts": 1}
    ]


def test_another_round_is_an_attempt_and_two_retries(scene: Scene, resender: Resender) -> None:
    """Attempts go on counting, and each is a retry; the waits are those of the first round."""
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


def test_another_accounts_delivery_is_as_unknown_as_none(scene: Scene, resender: Resender) -> None:
    hook_id = scene.store.ended(scene.profile)
    before = contents(scene.store.redis)
    for account, asked in ((scene.store.account(), hook_id), (scene.profile, "neverHeardOf")):
        with pytest.raises(UnknownDelivery):
            resender.resend(account, asked)
    assert contents(scene.store.redis).items() >= before.items()
    assert scene.publish_ids.published == []


@pytest.mark.parametrize("state", [State.QUEUED, State.RETRYING])
def test_what_is_owed_is_not_sent_again(scene: Scene, resender: Resender, state: State) -> None:
    (hook_id,) = scene.owed(1)
    if state is State.RETRYING:
        scene.attempt(hook_id, REFUSED)
    before = contents(scene.store.redis)
    with pytest.raises(StillOwed):
        resender.resend(scene.profile, hook_id)
    assert contents(scene.store.redis) == before


class Interfering:
    """`webhooks.redelivery.resend.Redeliveries` that changes a delivery just before it is redelivered."""

    def __init__(self, scene: Scene, interfere: Callable[[Redelivery], object]) -> None:
        self._scene = scene
        self._interfere = interfere

    def redeliver(self, redelivery: Redelivery) -> RedeliveryReceipt:
        """Interfere, then redeliver it."""
        self._interfere(redelivery)
        return self._scene.store.redeliveries.redeliver(redelivery)

    def resend(self, hook_id: str) -> None:
        """Send it again."""
        store = self._scene.store
        Resender(store.records, self, store.accounts, self._scene.publish_ids).resend(self._scene.profile, hook_id)


def test_of_two_who_ask_at_once_one_is_too_late(scene: Scene) -> None:
    hook_id = scene.store.ended(scene.profile)
    with pytest.raises(StillOwed):
        Interfering(scene, scene.store.redeliveries.redeliver).resend(hook_id)
    assert scene.store.delivery(hook_id).state is State.QUEUED
    assert scene.publish_ids.published == []


def test_what_goes_from_the_log_meanwhile_is_unknown(scene: Scene) -> None:
    hook_id = scene.store.ended(scene.profile)
    with pytest.raises(UnknownDelivery):
        Interfering(scene, lambda _: scene.store.redis.delete(f"ended:{hook_id}")).resend(hook_id)
    assert scene.publish_ids.published == []


def test_what_is_damaged_is_not_said_to_be_owed(scene: Scene) -> None:
    """Someone has written to Redis by hand."""
    hook_id = scene.store.ended(scene.profile)
    with pytest.raises(RuntimeError, match=hook_id):
        Interfering(scene, lambda _: scene.store.redis.set(f"delivery:{hook_id}", "no hash")).resend(hook_id)
    assert scene.publish_ids.published == []


def test_a_webhook_that_is_gone_is_not_called(scene: Scene, resender: Resender) -> None:
    hook_id = scene.store.ended(scene.profile)
    scene.store.webhooks.remove(scene.profile, "social")
    with pytest.raises(UnknownWebhook):
        resender.resend(scene.profile, hook_id)
    assert scene.store.delivery(hook_id).state is State.EXHAUSTED


def test_what_was_interrupted_too_often_can_be_sent_again(scene: Scene, resender: Resender) -> None:
    (hook_id,) = scene.owed(1)
    scene.store.park(hook_id)
    resender.resend(scene.profile, hook_id)
    scene.attempt(hook_id, OK)
    assert scene.store.delivery(hook_id).state is State.DELIVERED
    assert json.loads(scene.calls.sent[0].body)["retry"] is True


def test_a_hundred_attempts_are_enough(scene: Scene, resender: Resender) -> None:
    """The log is kept for months, and read with each attempt."""
    hook_id = scene.store.ended(scene.profile)
    for _ in range(MAX_ATTEMPTS - 1):
        resender.resend(scene.profile, hook_id)
        scene.store.end(hook_id)
    with pytest.raises(AttemptedTooOften, match=str(MAX_ATTEMPTS)):
        resender.resend(scene.profile, hook_id)


def test_of_too_long_answers_the_oldest_are_not_kept(store: Store) -> None:
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
