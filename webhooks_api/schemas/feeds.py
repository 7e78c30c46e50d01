"""Following feeds."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from webhooks.actions.feed import FEED_TYPES
from webhooks.destinations import MAX_URL_BYTES
from webhooks_api import texts
from webhooks_api.schemas.shared import CustomerBody, Success


class FollowBody(CustomerBody):
    """Which feed to follow."""

    url = texts.text(MAX_URL_BYTES, required=True, metadata={"example": "https://example.com/feed.xml"})
    type = fields.String(required=True, validate=validate.OneOf(FEED_TYPES))


class UnfollowBody(CustomerBody):
    """Which feed to follow no longer."""

    feedId = texts.line(255, required=True)


class FeedShown(Schema):
    """A feed, whether alone or in a list."""

    feedId = fields.String()
    url = fields.String()
    type = fields.String(metadata={"enum": list(FEED_TYPES)})
    title = fields.String(metadata={"description": "The feed's own; absent until it has been read."})


class Followed(Success, FeedShown):
    """A feed is followed."""


class Unfollowed(Success):
    """A feed is followed no longer."""

    feedId = fields.String()


class FeedState(FeedShown):
    """A feed and what became of it."""

    lastFetched = fields.String(allow_none=True, metadata={"description": "When it was last read, or unchanged."})
    lastError = fields.String(allow_none=True, metadata={"description": "Why the last try failed, if it did."})
    nextFetch = fields.String(allow_none=True, metadata={"description": "null while it is being fetched."})
    active = fields.Boolean(metadata={"description": "Whether a webhook would be called for a new item."})


class FeedList(Success):
    """The profile's feeds."""

    feeds = fields.List(fields.Nested(FeedState))
