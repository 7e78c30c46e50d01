"""What a poll of a feed records."""

from __future__ import annotations

from datetime import timedelta

import pytest

from doubles import contents
from store.feeds_scene import (
    KNOWN,
    found,
    poll,
    take,
    unknown,
)
from stores import Store
from webhooks.feeds.feed import Feed, Validators
from webhooks.store.connection import moment
from webhooks.store.feeds import SPARE


@pytest.fixture
def profile(store: Store) -> str:
    """A profile with a webhook for feeds."""
    return store.account(feed="https://hooks.example/")


def test_a_poll_that_is_given_back_is_due_at_once(store: Store, profile: str) -> None:
    """Unless another worker has claimed it by now, or the feed is gone."""
    feed, gone = store.subscribe(profile), store.subscribe(profile, "https://feeds.example/gone")
    polls = take(store, lease=60)
    store.feeds.remove(profile, gone.feed_id)
    store.feeds.give_back(polls)
    assert store.feed(profile).due == moment(store.clock())
    (again,) = take(store)
    assert again.feed_id == feed.feed_id
    before = contents(store.redis)
    store.feeds.give_back(polls)
    assert contents(store.redis) == before


def test_the_result_of_a_poll_is_known_at_the_next(store: Store, profile: str) -> None:
    feed = store.subscribe(profile)
    poll(store, "a", "b")
    at = moment(store.clock())
    assert store.feed(profile) == Feed(
        feed.feed_id, feed.url, "rss", "News", fetched=at, due=at + timedelta(seconds=300)
    )
    store.clock.advance(299.9)
    assert take(store) == []
    store.clock.advance(0.1)
    (one,) = take(store)
    assert (one.title, one.validators, one.only_remembers, one.failures) == ("News", KNOWN, False, 0)
    assert store.feeds.unknown(one, ("a", "c", "b", "d")) == {"c", "d"}
    assert store.feeds.unknown(one, []) == set()


def test_a_failure_is_counted_and_changes_nothing_else(store: Store, profile: str) -> None:
    feed = store.subscribe(profile)
    poll(store, "a")
    fetched = store.feed(profile).fetched
    for count in (1, 2):
        store.clock.advance(300)
        poll(store, error="status_500")
        assert (store.feed(profile).error, store.feed(profile).fetched) == ("status_500", fetched)
        assert store.redis.hget(f"feed:{feed.feed_id}", "failures") == str(count)
    store.clock.advance(300)
    (one,) = take(store)
    assert (one.failures, one.validators, one.title, one.only_remembers) == (2, KNOWN, "News", False)
    assert store.feeds.unknown(one, ["a"]) == set()
    assert store.feeds.record(one, found(store, "a"))
    assert store.feed(profile).error is None
    store.clock.advance(300)
    assert take(store)[0].failures == 0


def test_a_feed_that_always_failed_has_never_been_read(store: Store, profile: str) -> None:
    store.subscribe(profile)
    poll(store, error="dns")
    store.clock.advance(300)
    assert take(store)[0].only_remembers


def test_a_poll_that_outlived_its_lease_writes_nothing(store: Store, profile: str) -> None:
    feed = store.subscribe(profile)
    (late,) = take(store, lease=60)
    store.clock.advance(60)
    (successor,) = take(store)
    before = contents(store.redis)
    assert store.feeds.unknown(late, ["a"]) == set()
    assert store.feeds.record(late, found(store, "a")) is False
    assert contents(store.redis) == before
    assert store.feeds.unknown(successor, ["a"]) == {"a"}
    assert store.feeds.record(successor, found(store, "b")) is True
    assert unknown(store, feed, ["a", "b"]) == {"a"}


def test_a_poll_of_a_removed_feed_writes_nothing(store: Store, profile: str) -> None:
    feed = store.subscribe(profile)
    (one,) = take(store)
    store.feeds.remove(profile, feed.feed_id)
    before = contents(store.redis)
    assert store.feeds.unknown(one, ["a"]) == set()
    assert store.feeds.record(one, found(store, "a")) is False
    assert contents(store.redis) == before


def test_the_latest_removed_items_stay_known(store: Store, profile: str) -> None:
    """And all items in the feed, however many."""
    feed = store.subscribe(profile)
    oldest, gone = ["oldest"], [f"gone-{number}" for number in range(SPARE)]
    there = [f"there-{number}" for number in range(SPARE + 100)]
    for keys in (oldest, gone, there):
        poll(store, *keys)
        store.clock.advance(300)
    assert unknown(store, feed, oldest + gone + there) == {"oldest"}


@pytest.mark.parametrize("then", [(), ("new",)], ids=["unchanged or empty", "with one item"])
def test_a_shrinking_feed_forgets_no_item(store: Store, profile: str, then: tuple[str, ...]) -> None:
    """Otherwise all would be new when the feed is complete again after failures or without changes."""
    feed = store.subscribe(profile)
    there = [f"there-{number}" for number in range(2 * SPARE)]
    poll(store, *there)
    for _ in range(3):
        store.clock.advance(300)
        poll(store, *then)
    assert unknown(store, feed, there) == set()


def test_published_items_of_a_truncated_feed_stay_known(store: Store, profile: str) -> None:
    """Nothing else changes: the feed is compared with its last complete version, and no item is forgotten."""
    feed = store.subscribe(profile)
    there = [f"there-{number}" for number in range(2 * SPARE)]
    poll(store, *there)
    fetched = store.feed(profile).fetched
    store.clock.advance(300)
    poll(store, "new", error="truncated", title="", validators=Validators())
    assert unknown(store, feed, [*there, "new"]) == set()
    assert (store.feed(profile).error, store.feed(profile).fetched) == ("truncated", fetched)
    store.clock.advance(300)
    (one,) = take(store)
    assert (one.title, one.validators, one.failures) == ("News", KNOWN, 1)
