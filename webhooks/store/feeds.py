"""Feeds in Redis: what profiles follow, when each is due, and which of its items are known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from webhooks.errors import TooManyFeeds, UnknownProfile
from webhooks.feeds import MOST_FEEDS, Feed, Finding, Validators, Visit
from webhooks.store.connection import Client, Clock, Script, milliseconds, moment

#: Items of a feed that stay known beyond as many as it has ever had at a time, should they come back.
SPARE = 200


class RedisFeeds:
    """The feeds of each profile; a feed that is being fetched is leased, as deliveries are.

    Args:
        clock: milliseconds since 1970, for tests; the server's clock if None.
    """

    def __init__(self, redis: Client, clock: Clock | None = None) -> None:
        self._redis = redis
        self._add = Script(redis, "add_feed", clock)
        self._remove = Script(redis, "remove_feed", clock)
        self._take = Script(redis, "take_feeds", clock)
        self._record = Script(redis, "record_visit", clock)

    def add(self, ref_id: str, feed: Feed) -> Feed:
        """Have a profile follow a feed, due at once; one that it follows already only gets the new type.

        Returns:
            the feed by the id that it has now.

        Raises:
            UnknownProfile: nobody has this refId any more.
            TooManyFeeds: it follows `MOST_FEEDS` others.
        """
        found = self._add(ref_id, feed.feed_id, feed.url, feed.type, MOST_FEEDS)
        if not found:
            raise UnknownProfile
        feed_id, title = found
        if not feed_id:
            raise TooManyFeeds
        return replace(feed, feed_id=feed_id, title=title or None)

    def remove(self, ref_id: str, feed_id: str) -> bool:
        """Remove a profile's feed and all that is remembered of it; False when there was none."""
        (removed,) = self._remove(ref_id, feed_id)
        return bool(removed)

    def all_of(self, ref_id: str) -> list[Feed]:
        """Return a profile's feeds."""
        feed_ids = self._redis.hvals(f"feeds:{ref_id}")
        with self._redis.pipeline() as transaction:
            for feed_id in feed_ids:
                transaction.hgetall(f"feed:{feed_id}")
                transaction.zscore("feedsDue", feed_id)
            answers = transaction.execute()
        found = zip(feed_ids, answers[::2], answers[1::2], strict=True)
        return [_feed(feed_id, stored, due) for feed_id, stored, due in found if stored]

    def take(self, limit: int, lease: float, token: str) -> list[Visit]:
        """Take up to `limit` feeds that are due, for `lease` seconds."""
        now, taken = self._take(limit, round(lease * 1000), token)
        return [
            Visit(
                feed_id=feed_id,
                token=token,
                began=moment(now),
                profile=profile,
                url=url,
                type=kind,
                title=title or "",
                validators=Validators(etag or "", last_modified or "", digest or ""),
                is_first=fetched is None,
                failures=int(failures or 0),
            )
            for feed_id, profile, url, kind, title, etag, last_modified, digest, fetched, failures in taken
        ]

    def unknown(self, feed_id: str, keys: Sequence[str]) -> set[str]:
        """Return those of these keys that no known item of the feed has."""
        scores = self._redis.zmscore(f"feedItems:{feed_id}", list(keys)) if keys else []
        return {key for key, score in zip(keys, scores, strict=True) if score is None}

    def record(self, visit: Visit, finding: Finding) -> bool:
        """Write down what came of a visit, and end its lease.

        Returns:
            False when it had outlived its lease, or the feed was removed meanwhile; nothing is written then.
        """
        known = (finding.validators.etag, finding.validators.last_modified, finding.validators.digest)
        (written,) = self._record(
            visit.feed_id,
            visit.token,
            milliseconds(finding.due),
            finding.error,
            finding.title,
            *known,
            SPARE,
            *finding.keys,
        )
        return bool(written)


def _feed(feed_id: str, stored: Mapping[str, str], due: float) -> Feed:
    return Feed(
        feed_id=feed_id,
        url=stored["url"],
        type=stored["type"],
        title=stored.get("title") or None,
        fetched=moment(stored["fetched"]) if "fetched" in stored else None,
        error=stored.get("error"),
        due=None if "token" in stored else moment(int(due)),
    )
