"""Claiming and recording polls of feeds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from stores import Store
from webhooks.feeds.feed import Feed, Poll, PollResult, Validators
from webhooks.store.connection import moment

KNOWN = Validators('"etag"', "Mon, 05 Jan 2026 10:00:00 GMT", "digest")


def take(store: Store, limit: int = 10, lease: float = 60, **changes: Any) -> list[Poll]:
    return list(store.look(limit, lease, **changes).polls)


def found(store: Store, *keys: str, seconds: float = 300, **changes: Any) -> PollResult:
    """Return a finding of items with these keys, due again in this many seconds."""
    due = moment(store.clock()) + timedelta(seconds=seconds)
    return PollResult(**{"due": due, "title": "News", "validators": KNOWN, "keys": keys, **changes})


def poll(store: Store, *keys: str, **changes: Any) -> None:
    """Poll the one due feed, and find items with these keys."""
    (one,) = take(store)
    assert store.feeds.record(one, found(store, *keys, **changes))


def unknown(store: Store, feed: Feed, keys: list[str]) -> set[str]:
    """Return the keys that no stored item of the feed has."""
    return set(keys) - set(store.redis.zrange(f"feedItems:{feed.feed_id}", 0, -1))


def subscribe_many(store: Store, account: str, count: int) -> None:
    for number in range(count):
        store.subscribe(account, f"https://feeds.example/{number}")


def accounts_of(polls: Sequence[Poll]) -> Counter[str]:
    return Counter(poll.account for poll in polls)


def nobody_listens(store: Store, profile: str) -> None:
    store.webhooks.remove(profile, "feed")


def plan_is_lost(store: Store, profile: str) -> None:
    store.change_plan(profile, "free")
