"""Accounts and their API keys."""

from __future__ import annotations

from typing import Any, ClassVar

from marshmallow import RAISE, Schema, fields, validate

from webhooks.accounts.account import ADD_ONS, PLANS
from webhooks.actions.event_fields import Array
from webhooks_api.input import texts
from webhooks_api.schemas.shared import Example, Success

_MAX_ADDRESSES = 20


def _emails(**options: Any) -> Array:
    return Array(texts.email(), validate=validate.Length(max=_MAX_ADDRESSES), **options)


def _add_ons(**options: Any) -> Array:
    add_on = fields.String(validate=validate.OneOf(ADD_ONS))
    return Array(add_on, validate=validate.Length(max=len(ADD_ONS)), **options)


class AccountChangeBody(Schema):
    """What an operator can change about an account; an unknown field is a mistake."""

    EXAMPLE: ClassVar[Example] = {"plan": "business", "addOns": ["messaging"]}

    class Meta:
        """Options of the schema."""

        unknown = RAISE

    email = texts.email()
    altEmails = _emails()
    plan = fields.String(validate=validate.OneOf(PLANS))
    addOns = _add_ons()


class AccountBody(AccountChangeBody):
    """A new account."""

    EXAMPLE: ClassVar[Example] = {
        "title": "Acme",
        "email": "ops@acme.example",
        "plan": "business",
        "addOns": ["messaging"],
    }

    title = texts.line(255, required=True)
    email = texts.email(required=True)
    altEmails = _emails(load_default=list)
    plan = fields.String(validate=validate.OneOf(PLANS), load_default="free")
    addOns = _add_ons(load_default=list)


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


class ApiKeyReplaced(Success):
    """An account with a new API key; it is shown this once."""

    refId = fields.String()
    apiKey = fields.String()
    oldKeyValidUntil = fields.String()
