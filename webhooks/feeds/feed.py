"""Feeds: what a profile follows, what was found in them, and when to look again."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

#: Feeds that a profile can follow.
MAX_FEEDS = 50
#: Feeds that all profiles of an account can follow together.
MAX_FEEDS_OF_ACCOUNT = 500
#: However often a feed has failed, it is tried again after so long, or after the interval if that is longer.
MAX_PAUSE = timedelta(hours=6)
#: The word for a feed that ends before its end: its document, or what it is compressed as.
TRUNCATED = "truncated"


@dataclass(frozen=True)
class Feed:
    """A feed that a profile follows.

    Attributes:
        feed_id: 24 hex characters.
        url: as it was understood when it was registered.
        type: the customer's word for what kind it is.
        title: the feed's own; None until it has been read, or if it has none.
        fetched: when it was last fetched and read, or found unchanged; None if never.
        error: a word for why the last try failed; None if it did not.
        due: when it is fetched next; None while it is being fetched.
        auto_hashtag: whether the customer wants hashtags in posts made of its items; it is kept, no more.
        use_first_image: whether the customer wants an article's first picture in such posts; it is kept, no more.
        link: the address of its website, by the feed; None until it has been read, or if it has none.
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
    """What a customer says about a feed; None leaves it as it is, or as a new feed has it: rss, and no to both."""

    type: str | None = None
    auto_hashtag: bool | None = None
    use_first_image: bool | None = None


@dataclass(frozen=True)
class Item:
    """An entry of a feed; each text is there if empty.

    Attributes:
        key: distinguishes it from the other items of its feed, whatever else about it changes.
        title: plain text.
        description: HTML without scripts.
        published: ISO 8601 in UTC, to the second.
        aliases: other keys by which it may be known: it was published under one of them if its guid was shared by
            others of its document then, or if a version before this read it another way.
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
        is_whole: whether its document was read to its end; if not, items may lack, and these are those that ended.
        link: the address of its website; empty if it states none.
    """

    title: str
    items: tuple[Item, ...]
    is_whole: bool = True
    link: str = ""


@dataclass(frozen=True)
class Validators:
    """What shows that a feed has not changed; each is empty if it is unknown.

    Attributes:
        etag: the ETag of the answer that was read last.
        last_modified: its Last-Modified.
        digest: of its body, for servers that send neither.
    """

    etag: str = ""
    last_modified: str = ""
    digest: str = ""


@dataclass(frozen=True)
class PollRequest:
    """A request for feeds that are due.

    Attributes:
        token: of the leases that it takes.
        limit: how many it takes at most.
        share: how many of one account may be in flight in the requesting process.
        lease: seconds that each is leased.
        pause: seconds until a feed is due again for whose items no webhook would be called.
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
    """The right to fetch a feed, until its lease ends.

    Attributes:
        token: proves the right when it is recorded what came of it.
        began: when the lease began, by the store's clock.
        account: the refId of the account whose profile follows it.
        profile: the refId of that profile.
        only_remembers: whether it has never been read, or not since a webhook would be called for its items again;
            then these are remembered, and none is new.
        failures: how often it has failed since it was last read.
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
    """What a look found.

    Attributes:
        are_more: whether more feeds are due, though perhaps of accounts that have their share.
    """

    polls: tuple[Poll, ...]
    are_more: bool


@dataclass(frozen=True)
class PollResult:
    """The result of a poll.

    Attributes:
        due: when the feed is to be fetched next.
        error: a word for why it could not be read, or not to its end; all else stays as it was then, but for the
            keys.
        keys: those of its items that are known now.
        link: the address of its website; empty leaves the one that is known.
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
        word: for why not; the customer sees it.
    """

    def __init__(self, word: str) -> None:
        super().__init__(word)
        self.word = word


def new_feed_id() -> str:
    """Return a fresh feedId: 24 random hex characters."""
    return secrets.token_hex(12)


def next_poll(feed_id: str, began: datetime, interval: float, failures: int = 0) -> datetime:
    """Return when a feed is to be fetched after a poll that began then.

    Each feed has moments of its own, `interval` seconds apart; so those that were registered together are not
    fetched together for ever. The next is the first that is at least half as long away.

    Args:
        failures: how often it has failed in a row; with each the pause is twice as long.
    """
    offset = int(feed_id[:8], 16) / 2**32 * interval
    half = interval / 2
    until_its_moment = half + (offset - began.timestamp() - half) % interval
    longest = max(interval, MAX_PAUSE.total_seconds())
    skipped = min(interval * 2 ** min(failures, 32), longest) - interval
    return began + timedelta(seconds=until_its_moment + skipped)
