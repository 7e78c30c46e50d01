"""`batch`: a batch job has written its file."""

from __future__ import annotations

from marshmallow import fields

from webhooks.actions.action import Action
from webhooks.actions.event_fields import Moment
from webhooks.actions.schema import EventSchema, https_url, one_of


class BatchSchema(EventSchema):
    """A `batch` event; `url` is the pre-signed address of the file."""

    action = one_of("batch", required=True)
    url = https_url(required=True)
    type = fields.String()
    urlExpires = Moment()


BATCH = Action("batch", BatchSchema(), keeps_url=True)
