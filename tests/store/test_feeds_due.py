"""Which feeds are leased next: accounts take turns."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from store.feeds_scene import (
    KNOWN,
    accounts_of,
    follow_many,
    found,
    nobody_listens,
    plan_is_lost,
    poll,
    take,
)
from stores import Store
from webhooks.feeds.feed import Feed
from webhooks.store.connection import moment


@pytest.fixture
def profile(store: Store) -> str:
    """One that a webhook would be called for."""
    return store.account(feed="https://hooks.example/")


def test_a_feed_is_taken_once_until_its_lease_ends(store: Store, profile: str) -> None:
    """Two workers never fetch the same at the same time, and what one that died had taken is due again."""
    store.subscribe(profile)
    assert len(take(store, lease=60)) == 1
    assert store.feed(profile).due is None
    store.clock.advance(59.9)
    assert take(store) == []
    store.clock.advance(0.1)
    assert len(take(store)) == 1


def test_no_more_are_taken_than_asked_for_and_the_longest_due_first(store: Store, profile: str) -> None:
    ids = []
    for number in range(3):
        ids.append(store.subscribe(profile, f"https://feeds.example/{number}").feed_id)
        store.clock.advance(1)
    assert [one.feed_id for one in take(store, limit=2)] == ids[:2]
    assert [one.feed_id for one in take(store, limit=2)] == ids[2:]


def test_no_account_gets_more_than_its_share(store: Store, profile: str) -> None:
    """However many of its feeds are due, and for longer; what it has already counts."""
    other = store.account(feed="https://hooks.example/")
    follow_many(store, profile, 20)
    store.clock.advance(1)
    follow_many(store, other, 2)
    taken = store.look(limit=10, share=5)
    assert accounts_of(taken.polls) == {profile: 5, other: 2}
    assert taken.are_more
    taken = store.look(limit=10, share=5, in_flight={profile: 5})
    assert (taken.polls, taken.are_more) == ((), True)
    assert accounts_of(take(store, limit=10, share=5, in_flight={profile: 3})) == {profile: 2}


def test_the_full_share_of_many_accounts_hides_no_other(store: Store, profile: str) -> None:
    full = [store.account(feed="https://hooks.example/") for _ in range(5)]
    for account in full:
        follow_many(store, account, 2)
    store.clock.advance(1)
    store.subscribe(profile)
    assert accounts_of(take(store, limit=1, share=1, in_flight=dict.fromkeys(full, 1))) == {profile: 1}


def test_accounts_take_turns(store: Store, profile: str) -> None:
    """One whose feeds have been due for long is not served again before another whose turn has come meanwhile."""
    other = store.account(feed="https://hooks.example/")
    follow_many(store, profile, 10)
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


def test_whether_more_are_due_is_reported(store: Store, profile: str) -> None:
    assert not store.look().are_more
    follow_many(store, profile, 2)
    assert store.look(limit=1).are_more
    assert not store.look(limit=1).are_more


@pytest.mark.parametrize("ends", [nobody_listens, plan_is_lost])
def test_a_feed_for_which_no_one_would_be_called_is_passed_over(
    store: Store, profile: str, ends: Callable[[Store, str], None]
) -> None:
    """When someone would be again, its next poll only remembers, though it may fail before it is read."""
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


def test_a_feed_that_is_passed_over_is_in_flight_no_more(store: Store, profile: str) -> None:
    """Its poll was lost: what comes of it now is not known to be of the latest."""
    store.subscribe(profile)
    (lost,) = take(store, lease=60)
    store.clock.advance(60)
    nobody_listens(store, profile)
    assert take(store) == []
    assert store.feed(profile).due is not None
    assert store.feeds.record(lost, found(store, "a")) is False


def test_the_primary_profiles_webhook_is_enough(store: Store, profile: str) -> None:
    store.subscribe(store.profile(profile))
    assert len(take(store)) == 1


def test_feeds_that_are_passed_over_take_no_place(store: Store, profile: str) -> None:
    """Neither those of another profile of the account, nor those of other accounts."""
    silent = store.account()
    shop = store.profile(silent, feed="https://hooks.example/")
    follow_many(store, silent, 20)
    store.clock.advance(1)
    ids = [store.subscribe(shop).feed_id, store.subscribe(profile).feed_id]
    assert [one.feed_id for one in take(store, limit=2, share=1)] == ids
