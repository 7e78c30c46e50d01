"""Feeds that profiles subscribe to, their items, and when each is polled."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

#: The maximum number of feeds of a profile.
MAX_FEEDS = 50
#: The maximum number of feeds of all profiles of an account.
MAX_FEEDS_OF_ACCOUNT = 500
#: The longest pause after a failed poll, or the interval if that is longer.
MAX_PAUSE = timedelta(hours=6)
#: The error of a feed whose document or compressed stream ends early.
TRUNCATED = "truncated"


@dataclass(frozen=True)
class Feed:
    """A feed that a profile subscribes to.

    Attributes:
        feed_id: 24 hex characters.
        url: in its stored form.
        type: the kind of feed as the customer named it.
        title: the feed's title; None until it has been read, or if it has none.
        fetched: when it was last fetched and read, or found unchanged; None if never.
        error: why the latest poll failed, in one word; None if it succeeded.
        due: when it is polled next; None while it is being polled.
        auto_hashtag: whether the customer wants hashtags in posts made of its items; stored and returned only.
        use_first_image: whether the customer wants an article's first picture in such posts; stored and returned
            only.
        link: the address of its website, as the feed states it; None until it has been read, or if it states none.
    """

    feed_id: str
    url: str
    type: str
    title: str | None = None
    fetched: datetime | None = None
    error: str | None = None
    due: datetime | None = None
    auto_hashtag: bool = False
    use_first_image: bool = False
    link: str | None = None


@dataclass(frozen=True)
class FeedSettings:
    """A customer's settings of a feed. None keeps a value; a new feed begins with `rss` and twice false."""

    type: str | None = None
    auto_hashtag: bool | None = None
    use_first_image: bool | None = None


@dataclass(frozen=True)
class Item:
    """An entry of a feed; texts that it lacks are empty.

    Attributes:
        key: identifies it among the items of its feed, whatever else about it changes.
        title: plain text.
        description: HTML without scripts.
        published: ISO 8601 in UTC, to the second.
        aliases: other keys under which it may have been published: if other items of its document shared its guid
            then, or if an earlier version read it differently.
    """

    key: str
    title: str
    link: str
    description: str
    image: str
    published: str
    guid: str
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True)
class FeedDocument:
    """A feed as it was when it was fetched; no two of its items have the same key.

    Attributes:
        is_whole: whether its document was read to the end; if not, only its complete items are here.
        link: the address of its website; empty if it states none.
    """

    title: str
    items: tuple[Item, ...]
    is_whole: bool = True
    link: str = ""


@dataclass(frozen=True)
class Validators:
    """Values that show whether a feed has changed; each is empty if unknown.

    Attributes:
        etag: the ETag of the latest answer that was read.
        last_modified: the Last-Modified of that answer.
        digest: a digest of its body, for servers that send neither.
    """

    etag: str = ""
    last_modified: str = ""
    digest: str = ""


@dataclass(frozen=True)
class PollRequest:
    """A request for feeds that are due.

    Attributes:
        token: of the leases that it takes.
        limit: the maximum number of feeds to take.
        share: how many feeds of one account may be in flight in the requesting process.
        lease: seconds of each lease.
        pause: seconds until a feed is due again if no webhook would be called for its items.
        in_flight: how many of an account are in flight already, by its refId.
    """

    token: str
    limit: int
    share: int
    lease: float
    pause: float
    in_flight: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Poll:
    """The right to poll a feed, until its lease ends.

    Attributes:
        token: proves the right when the result is recorded.
        began: when the lease began, by the store's clock.
        account: the refId of the account whose profile subscribes to it.
        profile: the refId of that profile.
        only_remembers: whether its items are only remembered, and none is new: it has never been read, or not
            since webhooks are called for its items again.
        failures: how many polls in a row have failed.
    """

    feed_id: str
    token: str
    began: datetime
    account: str
    profile: str
    url: str
    type: str
    title: str
    validators: Validators
    only_remembers: bool
    failures: int


@dataclass(frozen=True)
class TakenPolls:
    """The answer to a request for feeds.

    Attributes:
        are_more: whether more feeds are due, perhaps of accounts that already have their share.
    """

    polls: tuple[Poll, ...]
    are_more: bool


@dataclass(frozen=True)
class PollResult:
    """The result of a poll.

    Attributes:
        due: when the feed is polled next.
        error: why it could not be read, or not to the end; then only the keys are stored, and all else stays.
        keys: the keys of its items that are known now.
        link: the address of its website; empty keeps the stored one.
    """

    due: datetime
    error: str = ""
    title: str = ""
    validators: Validators = Validators()
    keys: tuple[str, ...] = ()
    link: str = ""


class Feeds(Protocol):
    """Where feeds are kept."""

    def take(self, look: PollRequest) -> TakenPolls:
        """Take feeds that are due."""

    def give_back(self, polls: Collection[Poll]) -> None:
        """End the leases of polls; their feeds are due at once."""

    def record(self, poll: Poll, result: PollResult) -> bool:
        """Record a poll; False when its lease is over, or the feed is gone."""


class FeedError(Exception):
    """A feed cannot be fetched or read.

    Args:
        word: the reason in one word, which the customer sees.
    """

    def __init__(self, word: str) -> None:
        super().__init__(word)
        self.word = word


def new_feed_id() -> str:
    """Return a fresh feedId: 24 random hex characters."""
    return secrets.token_hex(12)


def next_poll(feed_id: str, began: datetime, interval: float, failures: int = 0) -> datetime:
    """Return when a feed is polled after a poll that began at a given time.

    Each feed has its own schedule of moments, `interval` seconds apart, so that feeds which were registered
    together are not polled together for ever. The next poll is at the first moment that is at least half an
    interval away.

    Args:
        failures: how many polls in a row have failed; each doubles the pause.
    """
    offset = int(feed_id[:8], 16) / 2**32 * interval
    half = interval / 2
    until_its_moment = half + (offset - began.timestamp() - half) % interval
    longest = max(interval, MAX_PAUSE.total_seconds())
    skipped = min(interval * 2 ** min(failures, 32), longest) - interval
    return began + timedelta(seconds=until_its_moment + skipped)
