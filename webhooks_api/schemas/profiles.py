"""User profiles and their keys."""

from __future__ import annotations

from typing import ClassVar

from marshmallow import fields, validate

from webhooks.actions.event_fields import REF_ID, Matches
from webhooks_api.input import texts
from webhooks_api.schemas.shared import Answer, CustomerBody, CustomerQuery, Example, Success

#: Keys by which profiles are looked for in one call; the request line has no room for more.
_MAX_KEYS = 50


def profile_key_field() -> fields.String:
    """Return a field for a Profile-Key, which the gate has read by then."""
    about = "Instead of the Profile-Key header; must not differ from it."
    return fields.String(allow_none=True, metadata={"description": about})


class ProfileBody(CustomerBody):
    """A new user profile."""

    EXAMPLE: ClassVar[Example] = {"title": "Acme's bakery"}

    title = texts.line(255, required=True)


class ProfilePickBody(CustomerBody):
    """Which user profile is meant, where the header does not say it."""

    EXAMPLE: ClassVar[Example] = {"profileKey": "a user profile's Profile-Key"}

    profileKey = profile_key_field()


class ProfileChangeBody(ProfilePickBody):
    """What to change about a user profile."""

    EXAMPLE: ClassVar[Example] = {"title": "Acme's bakery, downtown"}

    title = texts.line(255, required=True)


class ProfilesQuery(CustomerQuery):
    """Which user profiles a customer asks for."""

    title = texts.line(255, metadata={"description": "Exactly this title."})
    refId = fields.String(validate=Matches(REF_ID, error="Must be 40 hex characters."))
    profileKeys = fields.List(
        texts.line(255),
        validate=validate.Length(max=_MAX_KEYS),
        metadata={"description": "Those with one of these keys; `profileKeys[0]=…` is taken too."},
    )


class ProfileShown(Answer):
    """A user profile."""

    title = fields.String()
    refId = fields.String()


class CreatedUTC(Answer):
    """A moment as seconds since 1970, and what is left of them."""

    seconds = fields.Integer(data_key="_seconds")
    nanoseconds = fields.Integer(data_key="_nanoseconds")


class ProfileListed(ProfileShown):
    """A user profile in a list."""

    created = fields.String(metadata={"description": "ISO 8601 in UTC, to the second."})
    createdUTC = fields.Nested(CreatedUTC)


class ProfileAnswer(Success, ProfileShown):
    """A user profile."""


class ProfileCreated(ProfileAnswer):
    """A new user profile; its key is shown this once."""

    profileKey = fields.String()


class ProfileKeyReplaced(ProfileCreated):
    """A user profile with a new key; it is shown this once."""

    oldKeyValidUntil = fields.String()


class ProfileList(Success):
    """The account's user profiles."""

    profiles = fields.List(fields.Nested(ProfileListed))
