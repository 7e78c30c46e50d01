"""`feed`: a feed that a profile follows has a new item."""

from __future__ import annotations

from marshmallow import fields

from webhooks.actions.action import Action
from webhooks.actions.schema import EventSchema, nested, one_of, word

FEED_TYPES = ("rss", "substack", "youtube")


class FeedSchema(EventSchema):
    """A `feed` event; the item's title stands in `item`, for `title` is the profile's."""

    action = one_of("feed", required=True)
    feedId = word(required=True)
    item = nested(
        "FeedItem",
        {
            "title": word(required=True),
            "link": word(required=True),
            "description": fields.String(),
            "image": fields.String(),
            "published": fields.String(),
            "guid": fields.String(),
        },
        required=True,
    )
    feed = nested("FeedSource", {"id": fields.String(), "title": fields.String(), "type": one_of(*FEED_TYPES)})


FEED = Action("feed", FeedSchema())
