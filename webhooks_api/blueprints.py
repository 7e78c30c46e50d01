"""Blueprints that read their arguments strictly and document themselves."""

from __future__ import annotations

from typing import Any, NoReturn

from flask import Request, request
from flask_smorest import Blueprint
from marshmallow import EXCLUDE, Schema, ValidationError
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from webhooks.errors import InvalidInput
from webhooks_api.strict_json import NotStrictJSON, read_json


def json_object() -> dict[str, Any]:
    """Return the request's body, an object; {} when there is no body.

    Raises:
        BadRequest: the body does not arrive as HTTP has it.
        UnsupportedMediaType: the Content-Type is not JSON.
        InvalidInput: the body is not strict JSON, or not an object.
    """
    try:
        text = request.get_data()
    except OSError:  # what gunicorn raises for chunks that are not well-formed
        raise BadRequest("The body cannot be read.") from None
    if not text:
        return {}
    if not request.is_json:
        raise UnsupportedMediaType("The Content-Type must be application/json.")
    try:
        body = read_json(text)
    except NotStrictJSON as error:
        raise InvalidInput({"body": [str(error)]}) from None
    if not isinstance(body, dict):
        raise InvalidInput({"body": ["Must be an object."]})
    return body


class _StrictParser(FlaskParser):
    """Reads arguments into a schema; every mistake is an `InvalidInput`."""

    DEFAULT_VALIDATION_STATUS = 400
    DEFAULT_UNKNOWN_BY_LOCATION = FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION | {"query": EXCLUDE, "json": None}

    def load_json(self, req: Request, schema: Schema) -> dict[str, Any]:  # noqa: ARG002  webargs' signature
        return json_object()

    def handle_error(self, error: ValidationError, *_: Any, **__: Any) -> NoReturn:
        (messages,) = error.messages_dict.values()  # webargs nests them below the location
        raise InvalidInput(messages)


class ApiBlueprint(Blueprint):
    """A blueprint whose name is the `action` of its errors."""

    ARGUMENTS_PARSER = _StrictParser()
