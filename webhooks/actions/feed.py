"""`feed`: a feed that a profile subscribes to has a new item."""

from __future__ import annotations

from marshmallow import fields

from webhooks.actions.action import Action
from webhooks.actions.schema import EventSchema, nested, one_of, text

FEED_TYPES = ("rss", "substack", "youtube")


class FeedSchema(EventSchema):
    """A `feed` event; the item's title is inside `item`, as `title` is the profile's."""

    action = one_of("feed", required=True)
    feedId = text(required=True)
    item = nested(
        "FeedItem",
        {
            "title": text(required=True),
            "link": text(required=True),
            "description": fields.String(),
            "image": fields.String(),
            "published": fields.String(),
            "guid": fields.String(),
        },
        required=True,
    )
    feed = nested("FeedSource", {"id": fields.String(), "title": fields.String(), "type": one_of(*FEED_TYPES)})


FEED = Action("feed", FeedSchema())
