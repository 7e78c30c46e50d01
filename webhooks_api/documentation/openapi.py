"""The OpenAPI document at `/api/openapi.json`."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

from flask import Flask
from flask_smorest import Api

from webhooks.actions import CATALOGUE
from webhooks.actions.samples import names, sample
from webhooks_api.documentation.documented_errors import document_errors, error_responses
from webhooks_api.documentation.operations import SECURITY_SCHEMES, Operations
from webhooks_api.schemas.events import PublishedAnswer
from webhooks_api.schemas.shared import Error, Refusal

#: The header of customers' routes that selects a user profile.
PROFILE_KEY = {
    "in": "header",
    "name": "Profile-Key",
    "schema": {"type": "string"},
    "description": "Picks a user profile; without it the call is about the primary profile.",
}

_ABOUT = """
Customers register webhooks and ask what became of them with their **API key**; a `Profile-Key` header picks one of
their user profiles. Producers hand in events with a **producer key**. Operators open accounts with the **admin
key**. Each goes into `Authorization: Bearer …`, and none works instead of another.

A body is strict JSON in UTF-8 of up to 262,144 bytes, many events together up to 5,000,000.

Every error is `{"action", "status": "error", "code", "message"}`; bad input has `errors`, messages by field.

Customers' and producers' calls are limited, for each profile and each producer key. Every answer to a call with
right keys tells, while storage can be reached, in `X-RateLimit-Limit` how many calls there are, in
`X-RateLimit-Remaining` how many are left, and in `X-RateLimit-Reset` in how many seconds all will be back. A call
too many is answered 429, with the seconds to wait in `Retry-After`. So is a wrong key, when too many have come
from its address.
"""

_LICENSE = {"name": "MIT", "url": "https://opensource.org/license/mit"}
_SERVER = {"url": "/", "description": "The server that this document comes from."}


def document_api(app: Flask) -> Api:
    """Add the document to the application; the API's blueprints are registered on the returned object."""
    app.config |= {
        "API_TITLE": "Ringback",
        "API_VERSION": version("ringback"),
        "OPENAPI_VERSION": "3.0.3",
        "OPENAPI_URL_PREFIX": "/api",
        "OPENAPI_JSON_PATH": "openapi.json",
        "API_SPEC_OPTIONS": {"info": {"description": _ABOUT, "license": _LICENSE}, "servers": [_SERVER]},
    }
    api = _Api(app, spec_kwargs={"extra_plugins": [Operations()]})
    for name, scheme in SECURITY_SCHEMES.items():
        api.spec.components.security_scheme(name, dict(scheme))
    document_errors(api)
    return api


class _Api(Api):
    """Documents errors in the contract's shape; `webhooks_api.errors` makes them."""

    ERROR_SCHEMA = Error


def samples() -> dict[str, Any]:
    """Return sample events by name, as producers send them, for a profile that does not exist."""
    return {name: {"refId": "0" * 40, **sample(name)} for name in names()}


_PUBLISHED_MANY = {
    "title": "PublishedMany",
    "description": "What became of each of many events, in order; one that is refused has the fields of an error.",
    "type": "object",
    "required": ["status", "accepted", "rejected", "events"],
    "properties": {
        "status": {"type": "string", "enum": ["success", "partial"]},
        "accepted": {"type": "integer"},
        "rejected": {"type": "integer"},
        "events": {"type": "array", "items": {"oneOf": [PublishedAnswer, Refusal]}},
    },
}


def events_operation(most: int) -> dict[str, Any]:
    """Return the part of the document about sending events, up to `most` at once, made from the catalogue."""
    schemas = dict.fromkeys(type(schema) for action in CATALOGUE.values() for schema in action.schemas.values())
    event = {"anyOf": list(schemas)}
    events = {"type": "array", "items": event, "minItems": 1, "maxItems": most}
    many = {
        "title": "Events",
        "type": "object",
        "required": ["events"],
        "properties": {"events": events},
        "additionalProperties": False,
    }
    return {
        "parameters": [
            {
                "in": "header",
                "name": "Idempotency-Key",
                "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[ -~]*$"},
                "description": "For one event: sent again within 24 h under this key, it is not stored again.",
            }
        ],
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": {"anyOf": [*schemas, many]},
                    "examples": {name: {"value": sample} for name, sample in samples().items()},
                }
            },
        },
        "responses": error_responses(409)
        | {
            202: {
                "description": "Stored. One event is answered with the first shape, many with the second.",
                "content": {"application/json": {"schema": {"oneOf": [PublishedAnswer, _PUBLISHED_MANY]}}},
            }
        },
    }
