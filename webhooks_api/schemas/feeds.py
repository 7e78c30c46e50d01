"""Following feeds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from marshmallow import ValidationError, fields, validate, validates_schema

from webhooks.actions.feed import FEED_TYPES
from webhooks.http.destinations import MAX_URL_BYTES
from webhooks_api.input import texts
from webhooks_api.schemas.shared import Answer, CustomerBody, Example, Success


def _flag(description: str) -> fields.Boolean:
    return fields.Boolean(
        truthy={True},
        falsy={False},
        metadata={
            "description": f"{description} It is kept and shown, for the service that posts; it changes no event."
        },
    )


class FeedSettingsBody(CustomerBody):
    """What a customer says about a feed; a new one is `rss`, and neither of the others."""

    type = fields.String(validate=validate.OneOf(FEED_TYPES))
    autoHashtag = _flag("Whether posts that are made of its items should get hashtags.")
    useFirstImage = _flag("Whether such posts should get the first picture of the article.")


class FollowBody(FeedSettingsBody):
    """Which feed to follow."""

    EXAMPLE: ClassVar[Example] = {"url": "https://example.com/feed.xml", "type": "rss"}

    url = texts.text(MAX_URL_BYTES, required=True, metadata={"example": "https://example.com/feed.xml"})


class FeedPickBody(CustomerBody):
    """Which feed is meant, by one of its two names for one id."""

    EXAMPLE: ClassVar[Example] = {"id": "1nDnmJqMM3dDFsn0rcLW"}

    id = texts.line(255)
    feedId = texts.line(255, metadata={"description": "The same as id; one of the two is required."})

    @validates_schema
    def check_id(self, body: Mapping[str, Any], **_: Any) -> None:
        """Demand one id."""
        ids = {body[name] for name in ("id", "feedId") if name in body}
        if not ids:
            raise ValidationError("Missing data for required field.", "feedId")
        if len(ids) > 1:
            raise ValidationError("Differs from feedId.", "id")


class FeedChangeBody(FeedPickBody, FeedSettingsBody):
    """What to change about a feed; what is left out stays."""

    EXAMPLE: ClassVar[Example] = {"id": "1nDnmJqMM3dDFsn0rcLW", "useFirstImage": True}


class FeedShown(Answer):
    """A feed, whether alone or in a list."""

    id = fields.String(metadata={"description": "The same as feedId."})
    feedId = fields.String()
    url = fields.String()
    feedURL = fields.String(metadata={"description": "The same as url."})
    title = fields.String(
        metadata={"description": "The feed's own; the host of its URL until it has been read, or if it has none."}
    )
    websiteLink = fields.String(
        metadata={"description": "As the feed states it; its URL's root until it was read, or if it states none."}
    )
    type = fields.String(metadata={"enum": list(FEED_TYPES)})
    autoHashtag = fields.Boolean()
    useFirstImage = fields.Boolean()


class Followed(Success, FeedShown):
    """A feed is followed."""


class Unfollowed(Success):
    """A feed is followed no longer."""

    id = fields.String(metadata={"description": "The same as feedId."})
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
