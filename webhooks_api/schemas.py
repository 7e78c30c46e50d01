"""What customers and operators send, and what they are answered; the OpenAPI document is made of these."""

from __future__ import annotations

from typing import Any

from marshmallow import EXCLUDE, RAISE, Schema, fields, validate

from webhooks.accounts import ADD_ONS, PLANS
from webhooks.actions import CATALOGUE
from webhooks.actions.schema import REF_ID, Array
from webhooks.destinations import MAX_URL_BYTES
from webhooks_api import texts

_MOST_ADDRESSES = 20


def _emails(**options: Any) -> Array:
    return Array(texts.email(), validate=validate.Length(max=_MOST_ADDRESSES), **options)


def _add_ons(**options: Any) -> Array:
    add_on = fields.String(validate=validate.OneOf(ADD_ONS))
    return Array(add_on, validate=validate.Length(max=len(ADD_ONS)), **options)


def action_field(**options: Any) -> fields.String:
    """Return a field for an action of the catalogue."""
    return fields.String(validate=validate.OneOf(tuple(CATALOGUE)), **options)


class CustomerBody(Schema):
    """A customer's body; what it does not know it ignores, as clients send more than is documented."""

    class Meta:
        """Options of the schema."""

        unknown = EXCLUDE


class RegisterBody(CustomerBody):
    """What to register."""

    action = action_field(required=True)
    url = texts.text(MAX_URL_BYTES, required=True, metadata={"example": "https://example.com/hooks"})
    secret = texts.text(512, allow_none=True)
    source = texts.line(255, shortest=0, allow_none=True)


class UnregisterBody(CustomerBody):
    """What to unregister."""

    action = action_field(required=True)
    source = fields.Raw(allow_none=True)


class SecretBody(CustomerBody):
    """The secret that signs all actions of the profile."""

    secret = texts.text(512, required=True)


class ListQuery(CustomerBody):
    """Accepted for the sake of clients that send them; they change nothing."""

    source = fields.Raw()
    allWebhooks = fields.Raw(metadata={"example": "True"})


class ProfileBody(CustomerBody):
    """A new user profile."""

    title = texts.line(255, required=True)


class ActiveQuery(CustomerBody):
    """Which webhook a producer asks about."""

    action = action_field(required=True)
    refId = fields.String(required=True, validate=validate.Regexp(REF_ID, error="Must be 40 hex characters."))


class AccountChangeBody(Schema):
    """What an operator can change about an account; an unknown field is a mistake."""

    class Meta:
        """Options of the schema."""

        unknown = RAISE

    email = texts.email()
    altEmails = _emails()
    plan = fields.String(validate=validate.OneOf(PLANS))
    addOns = _add_ons()


class AccountBody(AccountChangeBody):
    """A new account."""

    title = texts.line(255, required=True)
    email = texts.email(required=True)
    altEmails = _emails(load_default=list)
    plan = fields.String(validate=validate.OneOf(PLANS), load_default="free")
    addOns = _add_ons(load_default=list)


class Success(Schema):
    """What every answer that is not an error begins with."""

    status = fields.Constant("success")


class Registered(Success):
    """A webhook was registered."""

    action = fields.String()
    url = fields.String()
    refId = fields.String()


class Unregistered(Success):
    """A webhook was removed."""

    action = fields.String()
    refId = fields.String()


class SecretSet(Success):
    """The secret was set."""

    action = fields.Constant("webhook")
    refId = fields.String()


class ProfileShown(Schema):
    """A user profile in a list."""

    title = fields.String()
    refId = fields.String()


class ProfileAnswer(Success, ProfileShown):
    """A user profile."""


class ProfileCreated(ProfileAnswer):
    """A new user profile; its key is shown this once."""

    profileKey = fields.String()


class ProfileList(Success):
    """The account's user profiles."""

    profiles = fields.List(fields.Nested(ProfileShown))


class AccountAnswer(Success):
    """An account."""

    refId = fields.String()
    title = fields.String()
    email = fields.String()
    altEmails = fields.List(fields.String())
    plan = fields.String()
    addOns = fields.List(fields.String())


class AccountCreated(AccountAnswer):
    """A new account; its API key is shown this once."""

    apiKey = fields.String()


class AttemptAnswer(Schema):
    """One line of the delivery log."""

    attempt = fields.Integer()
    at = fields.String()
    retry = fields.Boolean()
    status = fields.Integer(allow_none=True)
    error = fields.String(allow_none=True)
    ms = fields.Integer()


class DeliveryAnswer(Success):
    """A delivery and what became of it."""

    hookId = fields.String()
    action = fields.String()
    refId = fields.String()
    state = fields.String()
    created = fields.String()
    due = fields.String(allow_none=True)
    attempts = fields.List(fields.Nested(AttemptAnswer))


class PublishedShown(Schema):
    """What became of an event, whether alone or one of many."""

    hookId = fields.String(metadata={"description": "Absent when there is no delivery."})
    action = fields.String()
    refId = fields.String()
    state = fields.String(metadata={"enum": ["queued", "scheduled", "unregistered", "immediatePost"]})
    duplicate = fields.Boolean(metadata={"description": "There when the same event had been stored before."})
    autoPost = fields.Boolean(metadata={"description": "For feed: whether the item is to be posted."})


class PublishedAnswer(Success, PublishedShown):
    """What became of an event."""


class PublishedOrRefused(PublishedShown):
    """What became of one of many events; a refused one has the fields of an error."""

    status = fields.String(metadata={"enum": ["success", "error"]})
    code = fields.Integer()
    message = fields.String()
    errors = fields.Dict(keys=fields.String(), metadata={"description": "Messages by field, for bad input."})


class PublishedManyAnswer(Schema):
    """What became of each of many events, in order."""

    status = fields.String(metadata={"enum": ["success", "partial"]})
    accepted = fields.Integer()
    rejected = fields.Integer()
    events = fields.List(fields.Nested(PublishedOrRefused))


class Active(Success):
    """Whether a webhook would be called."""

    active = fields.Boolean()


class Error(Schema):
    """Every error."""

    action = fields.String()
    status = fields.Constant("error")
    code = fields.Integer()
    message = fields.String()
    errors = fields.Dict(keys=fields.String(), metadata={"description": "Messages by field, for bad input."})
