"""What the schemas of several routes are made of."""

from __future__ import annotations

from typing import Any

from marshmallow import EXCLUDE, RAISE, Schema, fields, validate

from webhooks.actions import CATALOGUE
from webhooks.actions.schema import REF_ID, Matches


def action_field(**options: Any) -> fields.String:
    """Return a field for an action of the catalogue."""
    return fields.String(validate=validate.OneOf(tuple(CATALOGUE)), **options)


def own_profile_field(**options: Any) -> fields.String:
    """Return a field for the refId of one of the caller's own profiles."""
    return fields.String(
        validate=Matches(REF_ID, error="Must be 40 hex characters."),
        metadata={"description": "Of one of your profiles; with a Profile-Key, of that profile."},
        **options,
    )


class CustomerBody(Schema):
    """The body of a call that clients of the API which ours follows make too; what it does not know it ignores.

    They send much that is about posts, as `hideTitle` and `disableSocial`.
    """

    class Meta:
        """Options of the schema."""

        unknown = EXCLUDE


class OwnBody(Schema):
    """The body of a call that only our API has; an unknown field is a mistake."""

    class Meta:
        """Options of the schema."""

        unknown = RAISE

    source = fields.Raw(metadata={"description": "By it clients name themselves; it changes nothing."})


class CustomerQuery(Schema):
    """The query of a call that clients of the API which ours follows make too."""

    source = fields.String(metadata={"description": "By it clients name themselves; it changes nothing."})


class Success(Schema):
    """What every answer that is not an error begins with."""

    status = fields.Constant("success")


class Error(Schema):
    """Every error."""

    action = fields.String()
    status = fields.Constant("error")
    code = fields.Integer()
    message = fields.String()
    errors = fields.Dict(keys=fields.String(), metadata={"description": "Messages by field, for bad input."})
