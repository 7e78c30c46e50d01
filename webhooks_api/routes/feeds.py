"""`/api/feed`: customers subscribe to feeds, whose new items become events."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from webhooks.deliveries.accept import EventIntake
from webhooks.feeds.feed import Feed, FeedSettings
from webhooks.feeds.subscribe import Subscriptions
from webhooks_api.blueprints import ApiBlueprint
from webhooks_api.documentation.documented_errors import error_responses
from webhooks_api.input.moments import to_second
from webhooks_api.schemas.feeds import FeedChangeBody, FeedList, FeedPickBody, FollowBody, Followed, Unfollowed
from webhooks_api.schemas.shared import CustomerQuery
from webhooks_api.security.authentication import Gate, calling_profile


def feed_routes(subscriptions: Subscriptions, intake: EventIntake, gate: Gate) -> ApiBlueprint:
    """Return the blueprint."""
    blueprint = ApiBlueprint(
        "feed", __name__, url_prefix="/api/feed", description="Feeds that are watched", errors=(403,)
    )
    blueprint.before_request(gate)

    @blueprint.post("")
    @blueprint.arguments(FollowBody)
    @blueprint.response(200, Followed)
    @blueprint.doc(responses=error_responses(409))
    def follow_feed(body: dict[str, Any]) -> dict[str, Any]:
        """Subscribe to an RSS or Atom feed: each item that is new from now on becomes a `feed` event.

        The URL is checked and returned like the URL of a webhook. Subscribing again returns the same feed. A
        profile can have at most 50 feeds, and all profiles of an account together 500. While no webhook would be
        called, the feed is not fetched.
        """
        return _shown(subscriptions.subscribe(calling_profile(), body["url"], _settings(body)))

    @blueprint.get("")
    @blueprint.arguments(CustomerQuery, location="query")
    @blueprint.response(200, FeedList)
    def list_feeds(_: dict[str, Any]) -> dict[str, Any]:
        """List the profile's feeds: when each was fetched, why that failed if it did, and when it is due next."""
        profile = calling_profile()
        active = intake.would_call("feed", profile.ref_id)
        return {"feeds": [{**_state(feed), "active": active} for feed in subscriptions.feeds_of(profile)]}

    @blueprint.put("")
    @blueprint.arguments(FeedChangeBody)
    @blueprint.response(200, Followed)
    @blueprint.doc(responses=error_responses(404))
    def update_feed(body: dict[str, Any]) -> dict[str, Any]:
        """Change the settings of a feed; fields that are left out stay."""
        return _shown(subscriptions.update(calling_profile(), _feed_id(body), _settings(body)))

    @blueprint.delete("")
    @blueprint.arguments(FeedPickBody)
    @blueprint.response(200, Unfollowed)
    @blueprint.doc(responses=error_responses(404))
    def unfollow_feed(body: dict[str, Any]) -> dict[str, Any]:
        """Unsubscribe from a feed. Events of items that were found before are still delivered."""
        feed_id = _feed_id(body)
        subscriptions.unsubscribe(calling_profile(), feed_id)
        return {"id": feed_id, "feedId": feed_id}

    return blueprint


def _feed_id(body: dict[str, Any]) -> str:
    feed_id: str = body["feedId"] if "feedId" in body else body["id"]
    return feed_id


def _settings(body: dict[str, Any]) -> FeedSettings:
    return FeedSettings(body.get("type"), body.get("autoHashtag"), body.get("useFirstImage"))


def _shown(feed: Feed) -> dict[str, Any]:
    url = urlsplit(feed.url)
    return {
        "id": feed.feed_id,
        "feedId": feed.feed_id,
        "url": feed.url,
        "feedURL": feed.url,
        "title": feed.title or url.hostname,
        "websiteLink": feed.link or f"{url.scheme}://{url.netloc}",
        "type": feed.type,
        "autoHashtag": feed.auto_hashtag,
        "useFirstImage": feed.use_first_image,
    }


def _state(feed: Feed) -> dict[str, Any]:
    return {
        **_shown(feed),
        "lastFetched": _moment(feed.fetched),
        "lastError": feed.error,
        "nextFetch": _moment(feed.due),
    }


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else to_second(moment)
