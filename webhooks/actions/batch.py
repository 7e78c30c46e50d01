"""`batch`: a batch job has written its file."""

from __future__ import annotations

from marshmallow import fields, validate

from webhooks.actions.action import Action
from webhooks.actions.schema import EventSchema, Moment


class BatchSchema(EventSchema):
    """A `batch` event; `url` is the pre-signed address of the file."""

    url = fields.URL(required=True, schemes={"https"}, require_tld=False, validate=validate.Length(max=8192))
    type = fields.String()
    urlExpires = Moment()


BATCH = Action("batch", BatchSchema(), keeps_url=True)
