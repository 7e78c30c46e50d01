"""Feeds: what profiles follow, which are due, and what is known of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest

from doubles import contents
from stores import Store
from webhooks.errors import TooManyFeeds, TooManyFeedsOfAccount, UnknownProfile
from webhooks.feeds.feed import MAX_FEEDS, MAX_FEEDS_OF_ACCOUNT, Feed, Poll, PollResult, Validators
from webhooks.store.connection import moment
from webhooks.store.feeds import SPARE

KNOWN = Validators('"etag"', "Mon, 05 Jan 2026 10:00:00 GMT", "digest")


@pytest.fixture
def profile(store: Store) -> str:
    """One that a webhook would be called for."""
    return store.account(feed="https://hooks.example/")


def take(store: Store, limit: int = 10, lease: float = 60, **changes: Any) -> list[Poll]:
    return list(store.look(limit, lease, **changes).polls)


def found(store: Store, *keys: str, seconds: float = 300, **changes: Any) -> PollResult:
    """Return a finding of items with these keys, due again in so many seconds."""
    due = moment(store.clock()) + timedelta(seconds=seconds)
    return PollResult(**{"due": due, "title": "News", "validators": KNOWN, "keys": keys, **changes})


def poll(store: Store, *keys: str, **changes: Any) -> None:
    """Visit the one feed that is due, and find items with these keys in it."""
    (one,) = take(store)
    assert store.feeds.record(one, found(store, *keys, **changes))


def unknown(store: Store, feed: Feed, keys: list[str]) -> set[str]:
    """Return those of these keys that no item of the feed has that is stored."""
    return set(keys) - set(store.redis.zrange(f"feedItems:{feed.feed_id}", 0, -1))


def test_a_feed_comes_back_as_it_was_added_and_is_due_at_once(store: Store, profile: str) -> None:
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


def test_following_again_gives_the_same_feed_with_the_new_type(store: Store, profile: str) -> None:
    feed = store.subscribe(profile)
    poll(store)
    again = store.subscribe(profile, kind="substack")
    assert (again.feed_id, again.type, again.title) == (feed.feed_id, "substack", "News")
    assert store.feed(profile).type == "substack"
    assert take(store) == []


def test_each_profile_has_feeds_of_its_own(store: Store, profile: str) -> None:
    shop = store.profile(profile)
    one, other = store.subscribe(profile), store.subscribe(shop)
    assert one.feed_id != other.feed_id
    assert store.feeds.remove(shop, one.feed_id) is False
    assert store.feeds.remove(shop, other.feed_id) is True
    assert store.feed(profile).feed_id == one.feed_id
    assert store.feeds.all_of(shop) == []


def test_a_profile_can_follow_no_more_than_so_many(store: Store, profile: str) -> None:
    for number in range(MAX_FEEDS):
        store.subscribe(profile, f"https://feeds.example/{number}")
    before = contents(store.redis)
    with pytest.raises(TooManyFeeds):
        store.subscribe(profile, "https://feeds.example/one-more")
    assert contents(store.redis) == before
    store.subscribe(profile, "https://feeds.example/0")
    store.subscribe(store.profile(profile), "https://feeds.example/one-more")


def test_the_profiles_of_an_account_can_follow_no_more_than_so_many_together(store: Store, profile: str) -> None:
    """One that is removed makes room, and a profile that is removed for all that it followed; leased or not."""
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


def test_a_removed_feed_leaves_nothing_behind(store: Store, profile: str) -> None:
    before = contents(store.redis)
    feed = store.subscribe(profile)
    poll(store, "a", "b")
    assert store.feeds.remove(profile, feed.feed_id) is True
    assert store.feeds.remove(profile, feed.feed_id) is False
    assert contents(store.redis) == before


def test_a_removed_profile_takes_its_feeds_with_it(store: Store, profile: str) -> None:
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


def follow_many(store: Store, account: str, count: int) -> None:
    for number in range(count):
        store.subscribe(account, f"https://feeds.example/{number}")


def accounts_of(polls: Sequence[Poll]) -> Counter[str]:
    return Counter(poll.account for poll in polls)


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


def test_whether_more_are_due_is_told(store: Store, profile: str) -> None:
    assert not store.look().are_more
    follow_many(store, profile, 2)
    assert store.look(limit=1).are_more
    assert not store.look(limit=1).are_more


def nobody_listens(store: Store, profile: str) -> None:
    store.webhooks.remove(profile, "feed")


def plan_is_lost(store: Store, profile: str) -> None:
    store.change_plan(profile, "free")


@pytest.mark.parametrize("ends", [nobody_listens, plan_is_lost])
def test_a_feed_for_which_nobody_would_be_called_is_passed_over(
    store: Store, profile: str, ends: Callable[[Store, str], None]
) -> None:
    """When somebody would be again, its next visit only remembers, though it may fail before it is read."""
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


def test_a_feed_that_is_passed_over_is_under_way_no_more(store: Store, profile: str) -> None:
    """Its visit was lost: what comes of it now is not known to be of the latest."""
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


def test_a_visit_that_is_given_back_is_due_at_once(store: Store, profile: str) -> None:
    """Unless it is another's by now, or its feed is gone."""
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


def test_what_came_of_a_visit_is_known_at_the_next(store: Store, profile: str) -> None:
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


def test_a_feed_that_has_only_failed_has_never_been_read(store: Store, profile: str) -> None:
    store.subscribe(profile)
    poll(store, error="dns")
    store.clock.advance(300)
    assert take(store)[0].only_remembers


def test_a_visit_that_outlived_its_lease_writes_nothing(store: Store, profile: str) -> None:
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


def test_a_visit_to_a_feed_that_was_removed_writes_nothing(store: Store, profile: str) -> None:
    feed = store.subscribe(profile)
    (one,) = take(store)
    store.feeds.remove(profile, feed.feed_id)
    before = contents(store.redis)
    assert store.feeds.unknown(one, ["a"]) == set()
    assert store.feeds.record(one, found(store, "a")) is False
    assert contents(store.redis) == before


def test_of_items_that_are_gone_the_latest_stay_known(store: Store, profile: str) -> None:
    """And all that are in the feed, however many."""
    feed = store.subscribe(profile)
    oldest, gone = ["oldest"], [f"gone-{number}" for number in range(SPARE)]
    there = [f"there-{number}" for number in range(SPARE + 100)]
    for keys in (oldest, gone, there):
        poll(store, *keys)
        store.clock.advance(300)
    assert unknown(store, feed, oldest + gone + there) == {"oldest"}


@pytest.mark.parametrize("then", [(), ("new",)], ids=["unchanged or empty", "with one item"])
def test_a_feed_that_shrinks_forgets_nothing_of_what_it_had(
    store: Store, profile: str, then: tuple[str, ...]
) -> None:
    """Else all would be new when it is whole again: it failed for a while, or just has not changed."""
    feed = store.subscribe(profile)
    there = [f"there-{number}" for number in range(2 * SPARE)]
    poll(store, *there)
    for _ in range(3):
        store.clock.advance(300)
        poll(store, *then)
    assert unknown(store, feed, there) == set()


def test_of_a_feed_that_was_read_in_part_what_was_told_of_stays_known(store: Store, profile: str) -> None:
    """And nothing else of it changes: it is compared with what was read whole, and no item is forgotten."""
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
