"""Feeds in Redis: the feeds of each profile, when each is due, and which of its items are known."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import chain
from typing import Any

from webhooks.errors import TooManyFeeds, TooManyFeedsOfAccount, UnknownProfile
from webhooks.feeds.feed import (
    MAX_FEEDS,
    MAX_FEEDS_OF_ACCOUNT,
    Feed,
    FeedSettings,
    Poll,
    PollRequest,
    PollResult,
    TakenPolls,
    Validators,
)
from webhooks.store.accounts import needs_values
from webhooks.store.connection import Client, Clock, milliseconds, moment
from webhooks.store.scripts import Script

#: How many keys of items stay known in addition to the largest number that the feed has had at once, in case
#: removed items return: keys of some 200 items, as each has two or three.
SPARE = 600


class RedisFeeds:
    """The feeds of each profile; a feed that is being fetched is leased, as deliveries are.

    Args:
        clock: milliseconds since 1970, for tests; the server's clock if None.
    """

    def __init__(self, redis: Client, clock: Clock | None = None) -> None:
        self._redis = redis
        self._add = Script(redis, "feeds/add", clock)
        self._update = Script(redis, "feeds/update", clock)
        self._remove = Script(redis, "feeds/remove", clock)
        self._take = Script(redis, "feeds/take", clock)
        self._give_back = Script(redis, "feeds/give_back", clock)
        self._record = Script(redis, "feeds/record", clock)

    def add(self, ref_id: str, feed_id: str, url: str, settings: FeedSettings) -> Feed:
        """Subscribe a profile to a feed, due at once; a feed that it has already only gets the new settings.

        Args:
            feed_id: the id of the feed if it is new.

        Returns:
            the feed; one that the profile has already keeps its id.

        Raises:
            UnknownProfile: the profile has been removed.
            TooManyFeeds: the profile already has `MAX_FEEDS`.
            TooManyFeedsOfAccount: the profiles of its account already have `MAX_FEEDS_OF_ACCOUNT`.
        """
        match self._add(ref_id, feed_id, url, *_values(settings), MAX_FEEDS, MAX_FEEDS_OF_ACCOUNT):
            case ["followed", known_id, fields]:
                return _feed(known_id, _pairs(fields))
            case ["profileIsFull"]:
                raise TooManyFeeds
            case ["accountIsFull"]:
                raise TooManyFeedsOfAccount
        raise UnknownProfile

    def update(self, ref_id: str, feed_id: str, settings: FeedSettings) -> Feed | None:
        """Change the settings of a profile's feed and return it; None if there is no such feed."""
        answer = self._update(ref_id, feed_id, *_values(settings))
        return _feed(feed_id, _pairs(answer[0])) if answer else None

    def remove(self, ref_id: str, feed_id: str) -> bool:
        """Remove a profile's feed and its known items; False if there was none."""
        (removed,) = self._remove(ref_id, feed_id)
        return bool(removed)

    def all_of(self, ref_id: str) -> list[Feed]:
        """Return a profile's feeds."""
        with self._redis.pipeline() as transaction:
            transaction.hget(f"profile:{ref_id}", "account")
            transaction.hvals(f"feeds:{ref_id}")
            account, feed_ids = transaction.execute()
        with self._redis.pipeline() as transaction:
            for feed_id in feed_ids:
                transaction.hgetall(f"feed:{feed_id}")
                transaction.zscore(f"feedsDue:{account}", feed_id)
            answers = transaction.execute()
        found = zip(feed_ids, answers[::2], answers[1::2], strict=True)
        return [_feed(feed_id, stored, due) for feed_id, stored, due in found if stored]

    def take(self, look: PollRequest) -> TakenPolls:
        """Take feeds that are due, if a webhook would be called for their items; the others are due later."""
        values = (look.token, look.limit, look.share, _in_milliseconds(look.lease), _in_milliseconds(look.pause))
        in_flight = chain.from_iterable(look.in_flight.items())
        now, more, taken = self._take(*values, *needs_values("feed"), *in_flight)
        return TakenPolls(tuple(_poll(look.token, now, one) for one in taken), bool(more))

    def give_back(self, polls: Collection[Poll]) -> None:
        """End the leases of polls that were not made; their feeds are due at once."""
        self._give_back(*(value for poll in polls for value in (poll.feed_id, poll.token)))

    def unknown(self, poll: Poll, keys: Sequence[str]) -> set[str]:
        """Return the keys among these that belong to no known item of the feed.

        It returns none if the feed was removed, or if another worker polls it by now.
        """
        if not keys:
            return set()
        with self._redis.pipeline() as transaction:
            transaction.hget(f"feed:{poll.feed_id}", "token")
            transaction.zmscore(f"feedItems:{poll.feed_id}", list(keys))
            token, scores = transaction.execute()
        return {key for key, score in zip(keys, scores, strict=True) if score is None and token == poll.token}

    def record(self, poll: Poll, result: PollResult) -> bool:
        """Record the result of a poll, and end its lease.

        Returns:
            False if the poll has outlived its lease, or the feed was removed; then nothing is recorded.
        """
        known = (result.validators.etag, result.validators.last_modified, result.validators.digest)
        (written,) = self._record(
            poll.feed_id,
            poll.token,
            milliseconds(result.due),
            result.error,
            result.title,
            result.link,
            *known,
            SPARE,
            *result.keys,
        )
        return bool(written)


def _in_milliseconds(seconds: float) -> int:
    return round(seconds * 1000)


def _poll(token: str, now: str, taken: Sequence[Any]) -> Poll:
    feed_id, account, profile, url, kind, title, etag, last_modified, digest, fetched, unheard, failures = taken
    return Poll(
        feed_id=feed_id,
        token=token,
        began=moment(now),
        account=account,
        profile=profile,
        url=url,
        type=kind,
        title=title or "",
        validators=Validators(etag or "", last_modified or "", digest or ""),
        only_remembers=fetched is None or unheard is not None,
        failures=int(failures or 0),
    )


def _values(settings: FeedSettings) -> tuple[str, str, str]:
    """Return a feed's settings as arguments for a script."""
    return settings.type or "", _flag(settings.auto_hashtag), _flag(settings.use_first_image)


def _flag(value: bool | None) -> str:
    return "" if value is None else str(int(value))


def _pairs(fields: Sequence[str]) -> Mapping[str, str]:
    """Return a hash from a script's answer."""
    return dict(zip(fields[::2], fields[1::2], strict=True))


def _feed(feed_id: str, stored: Mapping[str, str], due: float | None = None) -> Feed:
    return Feed(
        feed_id=feed_id,
        url=stored["url"],
        type=stored["type"],
        title=stored.get("title") or None,
        fetched=moment(stored["fetched"]) if "fetched" in stored else None,
        error=stored.get("error"),
        due=None if due is None or "token" in stored else moment(int(due)),
        auto_hashtag=stored.get("autoHashtag") == "1",
        use_first_image=stored.get("useFirstImage") == "1",
        link=stored.get("link"),
    )
