"""Subscriptions: customers add feeds to their profiles, change, remove and list them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from webhooks.accounts.account import Profile
from webhooks.errors import UnknownFeed
from webhooks.feeds.feed import Feed, FeedSettings, new_feed_id
from webhooks.http.destinations import Destination

#: Returns the destination of a URL; raises InvalidInput if it cannot be called.
CheckUrl = Callable[[str], Destination]


class Feeds(Protocol):
    """Where feeds are kept."""

    def add(self, ref_id: str, feed_id: str, url: str, settings: FeedSettings) -> Feed:
        """Subscribe a profile to a feed, which is due at once; returns the feed.

        If the profile already has a feed with this URL, that one gets the new settings and keeps its id. It raises
        UnknownProfile, TooManyFeeds or TooManyFeedsOfAccount.
        """

    def update(self, ref_id: str, feed_id: str, settings: FeedSettings) -> Feed | None:
        """Change the settings of a profile's feed and return it; None if there is no such feed."""

    def remove(self, ref_id: str, feed_id: str) -> bool:
        """Remove a profile's feed and its known items; False if there was none."""

    def all_of(self, ref_id: str) -> list[Feed]:
        """Return a profile's feeds."""


class Subscriptions:
    """Manages the feeds of profiles.

    Args:
        check_url: parses a URL; the rules for the URLs of webhooks apply.
    """

    def __init__(self, feeds: Feeds, check_url: CheckUrl) -> None:
        self._feeds = feeds
        self._check_url = check_url

    def subscribe(self, profile: Profile, url: str, settings: FeedSettings) -> Feed:
        """Subscribe the profile to a feed; if it already has one with this URL, that one is returned.

        Raises:
            InvalidInput: the URL is malformed, or leads to a forbidden destination.
            TooManyFeeds: the profile already has `MAX_FEEDS`.
            TooManyFeedsOfAccount: the profiles of the account already have `MAX_FEEDS_OF_ACCOUNT`.
            UnknownProfile: the profile has been removed.
        """
        return self._feeds.add(profile.ref_id, new_feed_id(), self._check_url(url).url, settings)

    def update(self, profile: Profile, feed_id: str, settings: FeedSettings) -> Feed:
        """Change the settings of a feed; returns the feed.

        Raises:
            UnknownFeed: the profile has none with this id.
        """
        feed = self._feeds.update(profile.ref_id, feed_id, settings)
        if feed is None:
            raise UnknownFeed
        return feed

    def unsubscribe(self, profile: Profile, feed_id: str) -> None:
        """Remove a feed; events of its items that were accepted before are still delivered.

        Raises:
            UnknownFeed: the profile has none with this id.
        """
        if not self._feeds.remove(profile.ref_id, feed_id):
            raise UnknownFeed

    def feeds_of(self, profile: Profile) -> list[Feed]:
        """Return the profile's feeds, ordered by URL."""
        return sorted(self._feeds.all_of(profile.ref_id), key=lambda feed: feed.url)
