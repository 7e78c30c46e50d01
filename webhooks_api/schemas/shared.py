"""What the schemas of several routes are made of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import EXCLUDE, RAISE, Schema, fields, validate

from webhooks.actions import CATALOGUE
from webhooks.actions.event_fields import REF_ID, Matches

#: A body as the OpenAPI document shows it: the class attribute `EXAMPLE` of a body's schema.
Example = Mapping[str, Any]


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
    """The body of a call that Ayrshare's API has too. Unknown fields are ignored.

    Clients of that API also send fields about posts, such as `hideTitle` and `disableSocial`.
    """

    class Meta:
        """Options of the schema."""

        unknown = EXCLUDE


class OwnBody(Schema):
    """The body of a call that only Ringback has. An unknown field is refused."""

    class Meta:
        """Options of the schema."""

        unknown = RAISE

    source = fields.Raw(metadata={"description": "The name of the client. It has no effect."})


class CustomerQuery(Schema):
    """The query of a call that Ayrshare's API has too."""

    source = fields.String(metadata={"description": "The name of the client. It has no effect."})


class Answer(Schema):
    """An object in an answer. A field is always present, unless its metadata contain `ABSENT`."""

    def on_bind_field(self, field_name: str, field_obj: fields.Field[Any]) -> None:  # noqa: ARG002
        """Mark the field as required in the OpenAPI document; marshmallow ignores that in answers."""
        field_obj.required = not field_obj.metadata.get("absent")


#: Metadata of a field that an answer may lack.
ABSENT: Mapping[str, Any] = {"absent": True}


def word(value: str) -> fields.Constant[str]:
    """Return a field that always has this value."""
    return fields.Constant(value, metadata={"type": "string", "enum": [value]})


class Success(Answer):
    """The first field of every successful answer."""

    status = word("success")


class Refusal(Answer):
    """Why something was refused: one of many events, or a call."""

    status = word("error")
    code = fields.Integer()
    message = fields.String(metadata={"description": "What is wrong, in one sentence."})
    errors = fields.Dict(
        keys=fields.String(), metadata={**ABSENT, "description": "Messages by field, for bad input."}
    )


class Error(Refusal):
    """Every error."""

    action = fields.String(metadata={"description": "The resource that was called."})
