"""User profiles and their keys."""

from __future__ import annotations

from marshmallow import Schema, fields

from webhooks_api import texts
from webhooks_api.schemas.shared import CustomerBody, Success


class ProfileBody(CustomerBody):
    """A new user profile."""

    title = texts.line(255, required=True)


class ProfileShown(Schema):
    """A user profile in a list."""

    title = fields.String()
    refId = fields.String()


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

    profiles = fields.List(fields.Nested(ProfileShown))
