"""Records: read unchanged in every state, and listed in the order of acceptance."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from doubles import OK
from stores import Store
from webhooks.deliveries.delivery import Attempt, State
from webhooks.deliveries.retry import MAX_INTERRUPTIONS
from webhooks.delivery_log.entries import LAST_CURSOR, Cursor, Span
from webhooks.http.call import Outcome, Phases
from webhooks.store.connection import moment
from webhooks.store.log import read_line


@pytest.fixture
def profile(store: Store) -> str:
    return store.account(social="https://hooks.example/", feed="https://hooks.example/")


def list_deliveries(
    store: Store, span: Span, after: Cursor | None = None, *, oldest_first: bool = False
) -> list[str]:
    return [one.hook_id for one in store.records.list_deliveries(span, after, 10, oldest_first=oldest_first)]


def test_owed_and_ended_deliveries_are_read_together_in_order(store: Store, profile: str) -> None:
    owed, ended = store.owed(profile), store.ended(profile, State.DELIVERED, OK)
    first, unknown, second = store.records.read([ended, "neverHeardOf", owed])
    assert (first, unknown, second) == (store.record_of(ended), None, store.record_of(owed))
    assert store.records.read([]) == []


def test_a_record_has_all_parts_of_an_attempt(store: Store, profile: str) -> None:
    """The token of its end tells one end from another; an owed delivery has none."""
    shop = store.profile(profile, "Zoë's shop")
    hook_id = store.owed(shop)
    owed, claim = store.record_of(hook_id), store.claim(hook_id)
    assert (owed.owner, owed.title, owed.payload) == (profile, "Zoë's shop", claim.payload)
    assert store.record_of(hook_id).token is owed.token is None

    attempt = Attempt(1, claim.began, claim.retry, OK, claim.url)
    store.clock.advance(15)
    store.end(hook_id, State.DELIVERED, OK)

    ended = store.record_of(hook_id)
    assert (ended.owner, ended.title, ended.payload) == (owed.owner, owed.title, owed.payload)
    assert ended.delivery.attempts[-1] == replace(attempt, at=moment(store.clock()), retry=True)
    assert ended.token is not None


def test_a_delivery_interrupted_too_often_has_ended(store: Store, profile: str) -> None:
    hook_id = store.owed(profile)
    store.interrupt_until_exhausted(hook_id)
    record = store.record_of(hook_id)
    assert (record.delivery.state, record.delivery.due) == (State.EXHAUSTED, None)
    assert len(record.delivery.attempts) == MAX_INTERRUPTIONS
    assert record.token is not None


def test_an_unreadable_record_does_not_affect_others(store: Store, profile: str) -> None:
    """After a manual change in Redis."""
    damaged = [store.ended(profile), store.ended(profile), store.owed(profile), store.owed(profile)]
    store.redis.set(f"ended:{damaged[0]}", "no text that was packed")
    store.redis.set(f"ended:{damaged[1]}", "")
    store.redis.hdel(f"delivery:{damaged[2]}", "owner")
    store.redis.hset(f"delivery:{damaged[3]}", "state", "lost")
    hook_id = store.owed(profile)
    assert store.records.read([*damaged, hook_id]) == [None] * 4 + [store.record_of(hook_id)]


def test_an_attempt_is_kept_with_its_phases_and_its_url(store: Store, profile: str) -> None:
    phases = Phases(dns=3, connect=20, tls=None, first_byte=None)
    hook_id = store.ended(profile, outcome=Outcome(503, None, 10_000, phases=phases))
    (attempt,) = store.delivery(hook_id).attempts
    assert (attempt.outcome.phases, attempt.url) == (phases, "https://hooks.example/")


def test_an_older_line_without_phases_can_be_read() -> None:
    line = {"attempt": 1, "at": 1_767_607_200_000, "retry": False, "status": 200, "error": None, "ms": 12}
    assert read_line(json.dumps(line)) == Attempt(1, moment(1_767_607_200_000), retry=False, outcome=OK)


def test_a_list_is_read_from_either_end_or_from_a_slot(store: Store, profile: str) -> None:
    """Also those that were accepted in the same millisecond."""
    ids = [store.owed(profile) for _ in range(3)]
    store.clock.advance(1)
    ids.append(store.owed(profile, action="feed"))
    span = Span(profile)
    assert list_deliveries(store, span) == ids[::-1]
    assert list_deliveries(store, span, oldest_first=True) == ids
    places = [one.cursor for one in store.records.list_deliveries(span, None, 2, oldest_first=True)]
    assert list_deliveries(store, span, places[1]) == [ids[0]]
    assert list_deliveries(store, span, places[1], oldest_first=True) == ids[2:]
    (newest,) = store.records.list_deliveries(span, None, 1, oldest_first=False)
    assert (newest.hook_id, newest.action) == (ids[3], "feed")


def test_a_span_includes_its_start_and_excludes_its_end(store: Store, profile: str) -> None:
    times, ids = [], []
    for _ in range(3):
        times.append(moment(store.clock()))
        ids.append(store.owed(profile))
        store.clock.advance(0.001)
    assert list_deliveries(store, Span(profile, since=times[1])) == [ids[2], ids[1]]
    assert list_deliveries(store, Span(profile, until=times[1])) == [ids[0]]
    assert list_deliveries(store, Span(profile, since=times[1], until=times[2]), oldest_first=True) == [ids[1]]
    assert list_deliveries(store, Span(profile, since=times[2], until=times[1])) == []
    last = store.records.list_deliveries(Span(profile), None, 1, oldest_first=False)[0].cursor
    assert list_deliveries(store, Span(profile, until=times[1]), last) == [ids[0]]


def test_a_span_may_be_open_at_either_end(store: Store, profile: str) -> None:
    """Up to the limits of times and of slot numbers."""
    hook_id = store.owed(profile)
    first, last = datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)
    for oldest_first in (False, True):
        assert list_deliveries(store, Span(profile, since=first, until=last), oldest_first=oldest_first) == [
            hook_id
        ]
        assert (
            list_deliveries(store, Span(profile, until=first + timedelta(days=1)), oldest_first=oldest_first) == []
        )
    assert list_deliveries(store, Span(profile), Cursor(0, 0)) == []
    assert list_deliveries(store, Span(profile), LAST_CURSOR) == [hook_id]
    assert list_deliveries(store, Span(profile), LAST_CURSOR, oldest_first=True) == []


def test_a_list_of_an_account_includes_all_of_its_profiles(store: Store, profile: str) -> None:
    shop, stranger = store.profile(profile), store.account(social="https://hooks.example/")
    own, of_shop, _ = store.owed(profile), store.owed(shop), store.owed(stranger)
    assert list_deliveries(store, Span(profile)) == [of_shop, own]
    assert list_deliveries(store, Span(profile, profile)) == [own]
    assert list_deliveries(store, Span(profile, shop)) == [of_shop]
