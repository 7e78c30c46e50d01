"""Registering webhooks and setting secrets."""

from __future__ import annotations

from typing import ClassVar

from marshmallow import fields

from webhooks.actions import CATALOGUE
from webhooks.http.destinations import MAX_URL_BYTES
from webhooks_api.input import texts
from webhooks_api.schemas.shared import ABSENT, CustomerBody, CustomerQuery, Example, Success, action_field, word


class RegisterBody(CustomerBody):
    """What to register."""

    EXAMPLE: ClassVar[Example] = {
        "action": "social",
        "url": "https://example.com/hooks",
        "secret": "correct-horse-battery",
    }

    action = action_field(required=True)
    url = texts.text(MAX_URL_BYTES, required=True, metadata={"example": "https://example.com/hooks"})
    secret = texts.text(512, allow_none=True)
    source = texts.line(255, shortest=0, allow_none=True)


class UnregisterBody(CustomerBody):
    """What to unregister. Clients send a `source` too, which changes nothing."""

    EXAMPLE: ClassVar[Example] = {"action": "social"}

    action = action_field(required=True)


class SecretBody(CustomerBody):
    """The secret that signs all actions of the profile."""

    EXAMPLE: ClassVar[Example] = {"secret": "correct-horse-battery"}

    secret = texts.text(512, required=True)


class ListQuery(CustomerQuery):
    """Which webhooks a customer asks for."""

    action = action_field(metadata={"description": "Only the webhook for this action."})
    allWebhooks = fields.String(
        metadata={"example": "True", "description": "Clients send it; it changes nothing."}
    )


class Registered(Success):
    """A webhook was registered."""

    action = fields.String()
    url = fields.String()
    refId = fields.String()


class Unregistered(Success):
    """A webhook was removed."""

    action = fields.String()
    refId = fields.String()


class _Shown(Success):
    """A profile's webhooks: the URL by action, and when it was registered."""

    updated = fields.String(metadata={**ABSENT, "description": "When the latest was registered, if any is."})
    refId = fields.String()


Listed = _Shown.from_dict(
    {name: fields.String(metadata=ABSENT) for action in CATALOGUE for name in (action, f"{action}Updated")},
    name="Listed",
)


class SecretSet(Success):
    """The secret was set, or is the only one from now on."""

    action = word("webhook")
    refId = fields.String()
