"""Feeds in Redis: subscribing and removing."""

from __future__ import annotations

import pytest

from doubles import contents
from store.feeds_scene import (
    poll,
    take,
)
from stores import Store
from webhooks.errors import TooManyFeeds, TooManyFeedsOfAccount, UnknownProfile
from webhooks.feeds.feed import MAX_FEEDS, MAX_FEEDS_OF_ACCOUNT, Feed, Poll, Validators
from webhooks.store.connection import moment


@pytest.fixture
def profile(store: Store) -> str:
    """A profile with a webhook for feeds."""
    return store.account(feed="https://hooks.example/")


def test_a_feed_is_read_as_it_was_added_and_is_due_at_once(store: Store, profile: str) -> None:
    feed = store.subscribe(profile)
    assert store.feeds.all_of(profile) == [
        Feed(feed.feed_id, "https://feeds.example/", "rss", due=moment(store.clock()))
    ]
    (one,) = take(store)
    assert one == Poll(
        feed_id=feed.feed_id,
        token=one.token,
        began=moment(store.clock()),
        account=profile,
        profile=profile,
        url="https://feeds.example/",
        type="rss",
        title="",
        validators=Validators(),
        only_remembers=True,
        failures=0,
    )


def test_adding_a_feed_again_changes_its_type(store: Store, profile: str) -> None:
    feed = store.subscribe(profile)
    poll(store)
    again = store.subscribe(profile, kind="substack")
    assert (again.feed_id, again.type, again.title) == (feed.feed_id, "substack", "News")
    assert store.feed(profile).type == "substack"
    assert take(store) == []


def test_each_profile_has_its_own_feeds(store: Store, profile: str) -> None:
    shop = store.profile(profile)
    one, other = store.subscribe(profile), store.subscribe(shop)
    assert one.feed_id != other.feed_id
    assert store.feeds.remove(shop, one.feed_id) is False
    assert store.feeds.remove(shop, other.feed_id) is True
    assert store.feed(profile).feed_id == one.feed_id
    assert store.feeds.all_of(shop) == []


def test_a_profile_has_a_limited_number_of_feeds(store: Store, profile: str) -> None:
    for number in range(MAX_FEEDS):
        store.subscribe(profile, f"https://feeds.example/{number}")
    before = contents(store.redis)
    with pytest.raises(TooManyFeeds):
        store.subscribe(profile, "https://feeds.example/one-more")
    assert contents(store.redis) == before
    store.subscribe(profile, "https://feeds.example/0")
    store.subscribe(store.profile(profile), "https://feeds.example/one-more")


def test_an_account_has_a_limited_number_of_feeds(store: Store, profile: str) -> None:
    """A removed feed makes room, as does a removed profile for all of its feeds, claimed or not."""
    shops = [store.profile(profile) for _ in range(MAX_FEEDS_OF_ACCOUNT // MAX_FEEDS)]
    followed = [
        store.subscribe(shop, f"https://feeds.example/{number}") for shop in shops for number in range(MAX_FEEDS)
    ]
    take(store)
    before = contents(store.redis)
    with pytest.raises(TooManyFeedsOfAccount):
        store.subscribe(profile)
    assert contents(store.redis) == before
    assert store.subscribe(shops[0], "https://feeds.example/0").feed_id == followed[0].feed_id
    store.subscribe(store.account())

    store.feeds.remove(shops[0], followed[0].feed_id)
    store.subscribe(profile)
    removed = store.accounts.profile(shops[1])
    assert removed is not None
    store.accounts.remove_profile(removed)
    for number in range(MAX_FEEDS - 1):
        store.subscribe(profile, f"https://feeds.example/{number}")
    store.subscribe(shops[0], "https://feeds.example/0")
    with pytest.raises(TooManyFeedsOfAccount):
        store.subscribe(store.profile(profile))


def test_no_key_of_redis_remains_of_a_removed_feed(store: Store, profile: str) -> None:
    before = contents(store.redis)
    feed = store.subscribe(profile)
    poll(store, "a", "b")
    assert store.feeds.remove(profile, feed.feed_id) is True
    assert store.feeds.remove(profile, feed.feed_id) is False
    assert contents(store.redis) == before


def test_removing_a_profile_removes_its_feeds(store: Store, profile: str) -> None:
    before = contents(store.redis)
    shop = store.profile(profile)
    for url in ("https://feeds.example/1", "https://feeds.example/2"):
        store.subscribe(shop, url)
        poll(store, "a")
    removed = store.accounts.profile(shop)
    assert removed is not None
    store.accounts.remove_profile(removed)
    assert contents(store.redis) == before
    with pytest.raises(UnknownProfile):
        store.subscribe(shop)
    assert contents(store.redis) == before
