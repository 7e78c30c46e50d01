"""Following feeds: a profile's customer says which, and asks what became of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from webhooks.accounts.account import Profile
from webhooks.errors import UnknownFeed
from webhooks.feeds.feed import Feed, FeedSettings, new_feed_id
from webhooks.http.destinations import Destination

#: Returns where a URL leads; raises InvalidInput when it cannot be called.
CheckUrl = Callable[[str], Destination]


class Feeds(Protocol):
    """Where feeds are kept."""

    def add(self, ref_id: str, feed_id: str, url: str, settings: FeedSettings) -> Feed:
        """Have a profile follow a feed, due at once.

        Raises UnknownProfile, TooManyFeeds or TooManyFeedsOfAccount.

        One that it follows already, by the URL, only gets the new settings. Returns the feed with the id it has.
        """

    def update(self, ref_id: str, feed_id: str, settings: FeedSettings) -> Feed | None:
        """Change the settings of a profile's feed and return it; None when there is no such feed."""

    def remove(self, ref_id: str, feed_id: str) -> bool:
        """Remove a profile's feed and all that is remembered of it; False when there was none."""

    def all_of(self, ref_id: str) -> list[Feed]:
        """Return a profile's feeds."""


class Subscriptions:
    """What a customer does with the feeds of one profile.

    Args:
        check_url: reads a URL; the rules are those for the URLs of webhooks.
    """

    def __init__(self, feeds: Feeds, check_url: CheckUrl) -> None:
        self._feeds = feeds
        self._check_url = check_url

    def subscribe(self, profile: Profile, url: str, settings: FeedSettings) -> Feed:
        """Have the profile follow a feed; of a URL that it follows already, the same feed is returned.

        Raises:
            InvalidInput: the URL cannot be used, or leads where no call may go.
            TooManyFeeds: the profile has `MAX_FEEDS` others.
            TooManyFeedsOfAccount: all profiles of the account have `MAX_FEEDS_OF_ACCOUNT` others.
            UnknownProfile: the profile was removed meanwhile.
        """
        return self._feeds.add(profile.ref_id, new_feed_id(), self._check_url(url).url, settings)

    def update(self, profile: Profile, feed_id: str, settings: FeedSettings) -> Feed:
        """Change what the customer says about a feed; returns the feed.

        Raises:
            UnknownFeed: the profile has none with this id.
        """
        feed = self._feeds.update(profile.ref_id, feed_id, settings)
        if feed is None:
            raise UnknownFeed
        return feed

    def unsubscribe(self, profile: Profile, feed_id: str) -> None:
        """End following a feed; what was found in it before is still delivered.

        Raises:
            UnknownFeed: the profile has none with this id.
        """
        if not self._feeds.remove(profile.ref_id, feed_id):
            raise UnknownFeed

    def feeds_of(self, profile: Profile) -> list[Feed]:
        """Return the profile's feeds, by their URLs in order."""
        return sorted(self._feeds.all_of(profile.ref_id), key=lambda feed: feed.url)
