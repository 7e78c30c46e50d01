"""Accepting: what the ledger stores, for which webhook, and when it is due."""

from __future__ import annotations

from datetime import timedelta
from time import time

import pytest
from msgspec.structs import replace

from doubles import contents
from stores import HISTORY, Store, new_delivery
from webhooks.deliveries.claim import new_token
from webhooks.deliveries.delivery import State
from webhooks.deliveries.new_delivery import AcceptVerdict, Receipt
from webhooks.deliveries.wakeup import WakeUp
from webhooks.store.connection import moment
from webhooks.store.ledger import RedisLedger

OWN, PRIMARY = "https://own.example/", "https://primary.example/"


def test_an_event_is_due_at_once_and_published_by_its_caller(store: Store) -> None:
    delivery = new_delivery(store.account(social=PRIMARY))

    (receipt,) = store.ledger.accept([delivery])

    assert receipt == Receipt(AcceptVerdict.STORED, delivery.hook_id, State.QUEUED, WakeUp(delivery.hook_id, 0.0))
    assert store.delivery(delivery.hook_id).due == moment(store.clock())


@pytest.mark.parametrize(
    ("ahead", "state", "wait", "wakeup"),
    [
        (-3600.0, State.QUEUED, 0.0, 3.0),
        (0.0, State.QUEUED, 0.0, 3.0),
        (0.001, State.SCHEDULED, 0.001, 3.001),
        (5.0, State.SCHEDULED, 5.0, 8.0),
        (5.001, State.SCHEDULED, None, 5.001),
        (86_400.0, State.SCHEDULED, None, 86_400.0),
    ],
)
def test_the_due_time_decides_who_publishes(
    store: Store, ahead: float, state: State, wait: float | None, wakeup: float
) -> None:
    """The caller publishes ids that are due within 5 s, and the sweep all others and lost ones.

    A time in the past means now.
    """
    due = moment(store.clock()) + timedelta(seconds=ahead)
    delivery = new_delivery(store.account(social=PRIMARY), due=due)

    (receipt,) = store.ledger.accept([delivery])

    published = None if wait is None else WakeUp(delivery.hook_id, wait)
    assert receipt == Receipt(AcceptVerdict.STORED, delivery.hook_id, state, published)
    assert store.wakeup(delivery.hook_id) == pytest.approx(wakeup)
    assert store.delivery(delivery.hook_id).due == max(due, moment(store.clock()))


@pytest.mark.parametrize(
    ("own", "primary", "called"),
    [
        ({"social": OWN}, {"social": PRIMARY}, OWN),
        ({}, {"social": PRIMARY}, PRIMARY),
        ({"feed": OWN}, {"social": PRIMARY}, PRIMARY),
        ({"social": OWN}, {}, OWN),
    ],
)
def test_a_profile_without_a_webhook_uses_that_of_the_primary_profile(
    store: Store, own: dict[str, str], primary: dict[str, str], called: str
) -> None:
    profile = store.profile(store.account(**primary), **own)
    assert store.claim(store.owed(profile)).url == called


def test_an_event_of_the_primary_profile_uses_no_other_webhook(store: Store) -> None:
    account = store.account()
    store.profile(account, social=OWN)
    (receipt,) = store.ledger.accept([new_delivery(account)])
    assert receipt == Receipt(AcceptVerdict.UNREGISTERED)


def test_the_webhook_of_another_account_is_never_called(store: Store) -> None:
    store.account(social=PRIMARY)
    (receipt,) = store.ledger.accept([new_delivery(store.profile(store.account()))])
    assert receipt == Receipt(AcceptVerdict.UNREGISTERED)


def test_the_webhook_is_chosen_when_the_event_is_accepted(store: Store) -> None:
    """A webhook that the profile registers later is not called (contract section 2)."""
    profile = store.profile(store.account(social=PRIMARY))
    hook_id = store.owed(profile)
    store.register(profile, "social", OWN)
    assert store.claim(hook_id).url == PRIMARY


def test_an_event_that_the_plan_excludes_is_not_stored(store: Store) -> None:
    """By the plan and add-ons of its account, with or without a webhook; some platforms need more."""
    one, other = store.account(social=PRIMARY, messages=PRIMARY), store.account(social=PRIMARY)
    store.change_plan(one, "launch", "messaging")
    store.change_plan(other, "free", "messaging")
    shop = store.profile(other)
    before = contents(store.redis)

    receipts = store.ledger.accept(
        [
            new_delivery(other),
            new_delivery(shop, "feed"),
            new_delivery(one, "messages", platform="twitter"),
            new_delivery(other, notifies=False),
        ]
    )

    verdicts = [receipt.verdict for receipt in receipts]
    assert verdicts == [AcceptVerdict.NOT_ENTITLED] * 3 + [AcceptVerdict.IMMEDIATE_POST]
    assert {(receipt.hook_id, receipt.state, receipt.wakeup) for receipt in receipts} == {(None, None, None)}
    assert contents(store.redis) == before
    (receipt,) = store.ledger.accept([new_delivery(one, "messages")])
    assert receipt.verdict is AcceptVerdict.STORED


@pytest.mark.parametrize("plan", ["", "launch enterprise", '"launch"', '", "', "laun"])
def test_an_unknown_plan_includes_nothing(store: Store, plan: str) -> None:
    account = store.account(social=PRIMARY)
    store.change_plan(account, plan)
    (receipt,) = store.ledger.accept([new_delivery(account)])
    assert receipt == Receipt(AcceptVerdict.NOT_ENTITLED)


def test_an_event_without_a_webhook_is_not_stored(store: Store) -> None:
    account = store.account(social=PRIMARY)
    before = contents(store.redis)

    receipts = store.ledger.accept(
        [
            new_delivery(account, "feed"),
            new_delivery(account, notifies=False),
            new_delivery("f" * 40),
            new_delivery("f" * 40, notifies=False),
        ]
    )

    assert [receipt.verdict for receipt in receipts] == [
        AcceptVerdict.UNREGISTERED,
        AcceptVerdict.IMMEDIATE_POST,
        AcceptVerdict.UNKNOWN_PROFILE,
        AcceptVerdict.UNKNOWN_PROFILE,
    ]
    assert {(receipt.hook_id, receipt.state, receipt.wakeup) for receipt in receipts} == {(None, None, None)}
    assert contents(store.redis) == before


def test_a_thousand_events_are_stored_in_one_step_and_in_order(store: Store) -> None:
    """As many as a request may have."""
    account = store.account(social=PRIMARY)
    deliveries = [new_delivery(account if number % 2 else "f" * 40) for number in range(1000)]

    receipts = store.ledger.accept(deliveries)

    assert [receipt.hook_id for receipt in receipts] == [
        delivery.hook_id if delivery.profile == account else None for delivery in deliveries
    ]
    assert store.redis.zcard("alarms") == 500


def test_a_payload_is_read_byte_for_byte(store: Store) -> None:
    payload = '{"text":"Bäckerei 🥖 \\u0000 \\\\ \\"","n":1e22}'
    hook_id = store.owed(store.account("Zoë's 店", social=PRIMARY), payload=payload)
    claim = store.claim(hook_id)
    assert (claim.payload, claim.title) == (payload, "Zoë's 店")


def test_the_ledger_uses_the_clock_of_redis(store: Store) -> None:
    """By default, so that no two machines have to agree on the time."""
    ledger = RedisLedger(store.redis, HISTORY)
    delivery = new_delivery(store.account(social=PRIMARY))
    later = replace(new_delivery(delivery.profile), due=moment(round((time() + 60) * 1000)))

    ledger.accept([delivery, later])

    (claim,) = ledger.claim([delivery.hook_id, later.hook_id], 15, new_token()).claims
    assert claim.hook_id == delivery.hook_id
    assert abs(claim.began.timestamp() - time()) < 5
