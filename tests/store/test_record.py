"""Recording: what an attempt leaves behind, and who may still record it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from doubles import OK, REFUSED, UNREACHABLE, contents
from stores import HISTORY, Store
from webhooks.deliveries.claim import Claim, Entry
from webhooks.deliveries.delivery import Attempt, Delivery, State
from webhooks.http.call import Detail, Outcome
from webhooks.store.connection import moment


@pytest.fixture
def profile(store: Store) -> str:
    return store.account(social="https://hooks.example/")


def entry(claim: Claim, state: State, outcome: Outcome = OK, delay: float | None = None) -> Entry:
    return Entry(claim, state, Attempt(claim.number, claim.began, claim.retry, outcome), delay)


def test_a_failed_delivery_is_due_again_after_its_delay(store: Store, profile: str) -> None:
    """Counted from the end of the failed attempt, by the clock of the ledger."""
    hook_id = store.owed(profile)
    claim = store.claim(hook_id)
    store.clock.advance(4.2)

    assert store.record([entry(claim, State.RETRYING, REFUSED, delay=5)]) == [True]

    delivery = store.delivery(hook_id)
    assert delivery.state is State.RETRYING
    assert delivery.due == moment(store.clock()) + timedelta(seconds=5)
    assert store.wakeup(hook_id) == 8  # 3 s more for the message that the worker publishes
    store.clock.advance(4.999)
    assert store.claims([hook_id]).claims == []
    store.clock.advance(0.001)
    assert store.claim(hook_id).number == 2


@pytest.mark.parametrize("state", [State.DELIVERED, State.EXHAUSTED, State.CANCELED])
def test_an_ended_delivery_is_not_owed_and_kept_for_a_while(store: Store, profile: str, state: State) -> None:
    hook_id = store.owed(profile)
    claim = store.claim(hook_id)

    assert store.record([entry(claim, state)]) == [True]

    assert (store.delivery(hook_id).state, store.delivery(hook_id).due) == (state, None)
    assert store.wakeup(hook_id) is None
    assert HISTORY.total_seconds() - 10 <= store.redis.ttl(f"ended:{hook_id}") <= HISTORY.total_seconds()
    store.clock.advance(1_000_000)
    assert store.claims([hook_id]).claims == []


@pytest.mark.parametrize("last", [None, State.RETRYING])
def test_an_owed_delivery_never_expires(store: Store, profile: str, last: State | None) -> None:
    hook_id = store.owed(profile)
    if last:
        store.ledger.record([entry(store.claim(hook_id), last, REFUSED, delay=5)])
    assert store.redis.ttl(f"delivery:{hook_id}") == -1


def test_a_worker_that_lost_its_lease_changes_nothing(store: Store, profile: str) -> None:
    """Fencing: the token proves the right to record."""
    hook_id = store.owed(profile)
    late = store.claim(hook_id, lease=15)
    store.clock.advance(15)
    successor = store.claim(hook_id, lease=15)
    before = contents(store.redis)

    assert store.record([entry(late, State.EXHAUSTED, REFUSED)]) == [False]
    assert contents(store.redis) == before
    assert store.record([entry(successor, State.DELIVERED)]) == [True]


def test_a_late_worker_may_record_if_no_other_has_claimed(store: Store, profile: str) -> None:
    hook_id = store.owed(profile)
    late = store.claim(hook_id, lease=15)
    store.clock.advance(20)
    assert store.record([entry(late, State.DELIVERED)]) == [True]
    assert store.delivery(hook_id).state is State.DELIVERED


def test_an_attempt_is_recorded_once(store: Store, profile: str) -> None:
    """A caller that missed the answer asks again, and gets the same answer."""
    claim = store.claim(store.owed(profile))
    store.ledger.record([entry(claim, State.RETRYING, REFUSED, delay=5)])
    before = contents(store.redis)
    assert store.record([entry(claim, State.RETRYING, REFUSED, delay=5)]) == [True]
    assert contents(store.redis) == before


def test_recording_does_not_recreate_a_missing_delivery(store: Store, profile: str) -> None:
    claim = store.claim(store.owed(profile))
    store.redis.delete(f"delivery:{claim.hook_id}")
    assert store.record([entry(claim, State.DELIVERED)]) == [False]
    assert store.records.find(claim.hook_id) is None


def test_many_outcomes_are_recorded_in_order(store: Store, profile: str) -> None:
    claims = store.claims([store.owed(profile) for _ in range(3)]).claims
    forged = replace(claims[1], token="0" * 16)
    entries = [entry(claim, State.DELIVERED) for claim in (claims[0], forged, claims[2])]
    assert store.record(entries) == [True, False, True]


def test_the_log_has_a_line_for_each_attempt_in_order(store: Store, profile: str) -> None:
    hook_id = store.owed(profile)
    begun = []
    for outcome, state, delay in (
        (UNREACHABLE, State.RETRYING, 5.0),
        (REFUSED, State.RETRYING, 30.0),
        (OK, State.DELIVERED, None),
    ):
        claim = store.claim(hook_id)
        begun.append(claim.began)
        store.ledger.record([entry(claim, state, outcome, delay)])
        store.clock.advance(delay or 0)

    assert store.delivery(hook_id).attempts == (
        Attempt(1, begun[0], retry=False, outcome=UNREACHABLE),
        Attempt(2, begun[1], retry=True, outcome=REFUSED),
        Attempt(3, begun[2], retry=True, outcome=OK),
    )


def test_a_delivery_that_ends_without_a_call_has_no_line(store: Store, profile: str) -> None:
    hook_id = store.owed(profile)
    store.ledger.record([Entry(store.claim(hook_id), State.CANCELED)])
    assert store.delivery(hook_id).attempts == ()


def test_a_delivery_is_found_with_its_profile_and_account(store: Store, profile: str) -> None:
    shop = store.profile(profile)
    hook_id = store.owed(shop)
    now = moment(store.clock())
    assert store.delivery(hook_id) == Delivery(
        hook_id, "social", profile=shop, account=profile, state=State.QUEUED, created=now, due=now, attempts=()
    )


def test_an_unknown_delivery_is_not_found(store: Store) -> None:
    assert store.records.find("neverHeardOf") is None


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b'{"ok": true}',
        "Zoë says “no”\n\u2028\x85\x00\r\n".encode(),
        b"\xff\xfe not text",
        b"<html>" + b"Internal Server Error " * 500,
        bytes(range(256)) * 64,
    ],
)
def test_the_answer_of_the_receiver_is_kept_byte_for_byte(store: Store, profile: str, body: bytes) -> None:
    hook_id = store.owed(profile)
    outcomes = [Outcome(500, None, 12, body=body), Outcome(200, None, 34, Detail.BODY_TIMEOUT, body)]
    for outcome, state, delay in zip(outcomes, (State.RETRYING, State.DELIVERED), (0.0, None), strict=True):
        assert store.record([entry(store.claim(hook_id), state, outcome, delay)]) == [True]
    assert [attempt.outcome for attempt in store.delivery(hook_id).attempts] == outcomes


def test_a_long_answer_takes_little_memory(store: Store, profile: str) -> None:
    """Error pages are long and repetitive, and each is kept for months."""
    hook_id = store.owed(profile)
    page = Outcome(500, None, 12, body=b"<p>Internal Server Error</p>\n" * 550)
    store.ledger.record([entry(store.claim(hook_id), State.EXHAUSTED, page)])
    assert 0 < store.redis.strlen(f"ended:{hook_id}") < 700
