"""`scheduled`: a post that was scheduled ahead has been published, or has failed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from marshmallow import fields

from webhooks.actions.action import Action
from webhooks.actions.event_fields import Moment, read_moment
from webhooks.actions.schema import EventSchema, items, nested, one_of, text


class ScheduledSchema(EventSchema):
    """A `scheduled` event."""

    action = one_of("scheduled", required=True)
    id = text(required=True)
    status = one_of("success", "error", required=True)
    scheduleDate = Moment()
    subAction = one_of("tikTokPublished")
    errors = items(fields.Dict())
    postIds = items(
        nested(
            "PostId",
            {
                "status": fields.String(),
                "id": fields.String(),
                "platform": fields.String(),
                "postUrl": fields.String(),
            },
        )
    )
    platforms = items(fields.String())
    mediaUrls = items(fields.String())
    post = fields.String()


class ScheduledAction(Action):
    """Only scheduled posts call webhooks, and posts that TikTok publishes later."""

    def notifies(self, event: Mapping[str, Any]) -> bool:
        """Report whether the post was scheduled, or is a `tikTokPublished`."""
        return "scheduleDate" in event or "subAction" in event

    def due(self, event: Mapping[str, Any]) -> datetime | None:
        """Return the `scheduleDate`: the call for a future post is made at that time."""
        return read_moment(event["scheduleDate"]) if "scheduleDate" in event else None


SCHEDULED = ScheduledAction("scheduled", ScheduledSchema())
