"""The schema of an event."""

from __future__ import annotations

from marshmallow import INCLUDE, Schema, fields
from marshmallow.validate import Equal, Length, OneOf, Regexp


class Details(Schema):
    """The message of the network."""

    status = fields.String()
    code = fields.Integer(strict=True)
    message = fields.String()


class SocialEvent(Schema):
    """A profile's account on a network was linked or unlinked, or has to be refreshed."""

    class Meta:
        """Unknown fields are kept."""

        unknown = INCLUDE

    action = fields.String(required=True, validate=Equal("social"))
    refId = fields.String(required=True, validate=Regexp("^[0-9a-f]{40}$"))
    type = fields.String(required=True, validate=OneOf(["link", "unlink", "refresh"]))
    platform = fields.String(required=True, validate=Length(min=1))
    source = fields.String(validate=OneOf(["system", "user"]))
    displayName = fields.String()
    details = fields.Nested(Details)
    refreshBy = fields.DateTime()
