"""Which feeds are claimed next: accounts take turns."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from store.feeds_scene import (
    KNOWN,
    accounts_of,
    found,
    nobody_listens,
    plan_is_lost,
    poll,
    subscribe_many,
    take,
)
from stores import Store
from webhooks.feeds.feed import Feed
from webhooks.store.connection import moment


@pytest.fixture
def profile(store: Store) -> str:
    """A profile with a webhook for feeds."""
    return store.account(feed="https://hooks.example/")


def test_a_feed_is_claimed_once_until_its_lease_ends(store: Store, profile: str) -> None:
    """Two workers never fetch the same feed at once, and the feeds of a dead worker become due again."""
    store.subscribe(profile)
    assert len(take(store, lease=60)) == 1
    assert store.feed(profile).due is None
    store.clock.advance(59.9)
    assert take(store) == []
    store.clock.advance(0.1)
    assert len(take(store)) == 1


def test_the_longest_due_feeds_are_claimed_first_up_to_the_maximum(store: Store, profile: str) -> None:
    ids = []
    for number in range(3):
        ids.append(store.subscribe(profile, f"https://feeds.example/{number}").feed_id)
        store.clock.advance(1)
    assert [one.feed_id for one in take(store, limit=2)] == ids[:2]
    assert [one.feed_id for one in take(store, limit=2)] == ids[2:]


def test_no_account_gets_more_than_its_share_of_polls(store: Store, profile: str) -> None:
    """However many of its feeds are due, and for how long; polls in flight count."""
    other = store.account(feed="https://hooks.example/")
    subscribe_many(store, profile, 20)
    store.clock.advance(1)
    subscribe_many(store, other, 2)
    taken = store.look(limit=10, share=5)
    assert accounts_of(taken.polls) == {profile: 5, other: 2}
    assert taken.are_more
    taken = store.look(limit=10, share=5, in_flight={profile: 5})
    assert (taken.polls, taken.are_more) == ((), True)
    assert accounts_of(take(store, limit=10, share=5, in_flight={profile: 3})) == {profile: 2}


def test_accounts_with_a_full_share_hide_no_other(store: Store, profile: str) -> None:
    full = [store.account(feed="https://hooks.example/") for _ in range(5)]
    for account in full:
        subscribe_many(store, account, 2)
    store.clock.advance(1)
    store.subscribe(profile)
    assert accounts_of(take(store, limit=1, share=1, in_flight=dict.fromkeys(full, 1))) == {profile: 1}


def test_accounts_take_turns_with_their_feeds(store: Store, profile: str) -> None:
    """An account whose feeds have been due for long does not overtake those that wait for their turn."""
    other = store.account(feed="https://hooks.example/")
    subscribe_many(store, profile, 10)
    store.clock.advance(60)
    (served,) = take(store, limit=1)
    store.clock.advance(1)
    store.subscribe(other)
    store.clock.advance(1)
    assert store.feeds.record(served, found(store))
    turns: list[str] = []
    for _ in range(4):
        turns += accounts_of(take(store, limit=1))
        store.clock.advance(1)
    assert turns == [profile, other, profile, profile]


def test_a_claim_reports_whether_more_feeds_are_due(store: Store, profile: str) -> None:
    assert not store.look().are_more
    subscribe_many(store, profile, 2)
    assert store.look(limit=1).are_more
    assert not store.look(limit=1).are_more


@pytest.mark.parametrize("ends", [nobody_listens, plan_is_lost])
def test_a_feed_without_a_webhook_is_skipped(
    store: Store, profile: str, ends: Callable[[Store, str], None]
) -> None:
    """With a webhook again, its next poll only stores the known items, though it may fail before."""
    feed = store.subscribe(profile)
    poll(store, "a")
    fetched = store.feed(profile).fetched
    ends(store, profile)
    store.clock.advance(300)
    assert take(store, pause=120) == []
    due = moment(store.clock()) + timedelta(seconds=120)
    assert store.feed(profile) == Feed(feed.feed_id, feed.url, "rss", "News", fetched=fetched, due=due)

    store.register(profile, "feed", "https://hooks.example/")
    store.change_plan(profile, "business")
    assert take(store) == []
    for error in ("dns", ""):
        store.clock.advance(300)
        (one,) = take(store)
        assert (one.only_remembers, one.validators) == (True, KNOWN)
        assert store.feeds.record(one, found(store, "b", error=error))
    store.clock.advance(300)
    assert not take(store)[0].only_remembers


def test_a_skipped_feed_is_no_longer_in_flight(store: Store, profile: str) -> None:
    """Its poll was lost, and a late result may not be of the latest version."""
    store.subscribe(profile)
    (lost,) = take(store, lease=60)
    store.clock.advance(60)
    nobody_listens(store, profile)
    assert take(store) == []
    assert store.feed(profile).due is not None
    assert store.feeds.record(lost, found(store, "a")) is False


def test_the_webhook_of_the_primary_profile_counts_for_a_feed(store: Store, profile: str) -> None:
    store.subscribe(store.profile(profile))
    assert len(take(store)) == 1


def test_skipped_feeds_take_no_slots(store: Store, profile: str) -> None:
    """Neither that of another profile of the account, nor that of another account."""
    silent = store.account()
    shop = store.profile(silent, feed="https://hooks.example/")
    subscribe_many(store, silent, 20)
    store.clock.advance(1)
    ids = [store.subscribe(shop).feed_id, store.subscribe(profile).feed_id]
    assert [one.feed_id for one in take(store, limit=2, share=1)] == ids
