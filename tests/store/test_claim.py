"""Claiming: one worker at a time, nothing early, nothing lost."""

from __future__ import annotations

from datetime import timedelta

import pytest

from doubles import OK, REFUSED
from stores import Store
from webhooks.deliveries import Attempt, Failure, Outcome, State
from webhooks.ledger import Entry
from webhooks.store.connection import moment

URL = "https://hooks.example/"


@pytest.fixture
def profile(store: Store) -> str:
    return store.account("Acme", social=URL)


def test_a_claim_holds_what_an_attempt_needs(store: Store, profile: str) -> None:
    store.register(profile, "social", URL, sealed_secret="sealed")
    shop = store.profile(profile, "Zoë's shop")
    hook_id = store.owed(shop, payload='{"n":1}')

    claim = store.claim(hook_id)

    assert (claim.hook_id, claim.action, claim.payload) == (hook_id, "social", '{"n":1}')
    assert (claim.owner, claim.title) == (profile, "Zoë's shop")
    assert (claim.url, claim.sealed_secret) == (URL, "sealed")
    assert (claim.number, claim.retry, claim.claimed) == (1, False, moment(store.clock()))


def test_what_is_not_due_leased_ended_or_unknown_is_left_out(store: Store, profile: str) -> None:
    due, leased, ended = (store.owed(profile) for _ in range(3))
    later = store.owed(profile, due=moment(store.clock()) + timedelta(milliseconds=1))
    store.claim(leased)
    store.ledger.record([Entry(store.claim(ended), State.CANCELED)])

    claims = store.ledger.claim(["neverHeardOf", later, ended, leased, due], lease=15)

    assert [claim.hook_id for claim in claims] == [due]


def test_an_id_twice_in_a_message_is_claimed_once(store: Store, profile: str) -> None:
    hook_id = store.owed(profile)
    assert len(store.ledger.claim([hook_id, hook_id], lease=15)) == 1


def test_a_claim_of_nothing_is_nothing(store: Store) -> None:
    assert store.ledger.claim([], lease=15) == []


def test_a_scheduled_delivery_is_claimed_at_its_time(store: Store, profile: str) -> None:
    hook_id = store.owed(profile, due=moment(store.clock()) + timedelta(seconds=60))
    store.clock.advance(59.999)
    assert store.ledger.claim([hook_id], lease=15) == []
    store.clock.advance(0.001)
    assert len(store.ledger.claim([hook_id], lease=15)) == 1


def test_the_url_and_the_secret_are_those_of_the_moment(store: Store, profile: str) -> None:
    """Read afresh at each attempt (contract section 2)."""
    hook_id = store.owed(profile)
    store.register(profile, "social", "https://moved.example/", sealed_secret="rotated")
    claim = store.claim(hook_id)
    assert (claim.url, claim.sealed_secret) == ("https://moved.example/", "rotated")


def test_a_removed_webhook_leaves_no_url(store: Store, profile: str) -> None:
    """Not even the primary's instead: whose webhook is called was settled when the event came."""
    shop = store.profile(profile, social="https://shop.example/")
    hook_id = store.owed(shop)
    store.webhooks.remove(shop, "social")
    assert store.claim(hook_id).url is None


def test_a_lease_that_ran_out_is_claimed_again_as_a_retry(store: Store, profile: str) -> None:
    """The attempt may have arrived, so the body says `retry`; it counts as the same attempt."""
    hook_id = store.owed(profile)
    first = store.claim(hook_id, lease=15)
    store.clock.advance(14.999)
    assert store.ledger.claim([hook_id], lease=15) == []

    store.clock.advance(0.001)
    again = store.claim(hook_id)

    assert (again.number, again.retry) == (1, True)
    assert again.token != first.token


def test_a_lease_that_ran_out_is_a_line_in_the_log(store: Store, profile: str) -> None:
    hook_id = store.owed(profile)
    begun = []
    for _ in range(3):
        begun.append(store.claim(hook_id, lease=15).claimed)
        store.clock.advance(15)

    interrupted = Outcome(None, Failure.INTERRUPTED, 0)
    assert store.delivery(hook_id).attempts == (
        Attempt(1, begun[0], retry=False, outcome=interrupted),
        Attempt(1, begun[1], retry=True, outcome=interrupted),
    )


def test_an_interruption_uses_up_no_attempt(store: Store, profile: str) -> None:
    hook_id = store.owed(profile)
    store.claim(hook_id, lease=15)
    store.clock.advance(15)
    again = store.claim(hook_id)
    store.ledger.record(
        [Entry(again, State.RETRYING, Attempt(1, again.claimed, retry=True, outcome=REFUSED), delay=5)]
    )
    store.clock.advance(5)

    second = store.claim(hook_id)

    assert (second.number, second.retry) == (2, True)
    assert [(line.number, line.retry, line.outcome.failure) for line in store.delivery(hook_id).attempts] == [
        (1, False, Failure.INTERRUPTED),
        (1, True, None),
    ]


def test_an_attempt_that_was_recorded_leaves_no_interruption(store: Store, profile: str) -> None:
    hook_id = store.owed(profile)
    first = store.claim(hook_id)
    store.ledger.record(
        [Entry(first, State.RETRYING, Attempt(1, first.claimed, retry=False, outcome=REFUSED), delay=5)]
    )
    store.clock.advance(60)
    second = store.claim(hook_id)
    store.ledger.record([Entry(second, State.DELIVERED, Attempt(2, second.claimed, retry=True, outcome=OK))])

    assert [line.outcome for line in store.delivery(hook_id).attempts] == [REFUSED, OK]


def test_the_end_of_a_lease_is_when_the_alarm_rings(store: Store, profile: str) -> None:
    """So a worker's death is made good by the next sweep after it."""
    hook_id = store.owed(profile)
    store.claim(hook_id, lease=15)
    assert store.alarm(hook_id) == 15


def test_a_delivery_whose_attempt_is_under_way_has_no_due_time(store: Store, profile: str) -> None:
    hook_id = store.owed(profile)
    store.claim(hook_id)
    assert store.delivery(hook_id).due is None
