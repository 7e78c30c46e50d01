"""Blueprints that read their arguments strictly and document themselves."""

from __future__ import annotations

import math
from typing import Any, NoReturn

from flask import Request, request
from flask_smorest import Blueprint
from marshmallow import EXCLUDE, Schema, ValidationError
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import RequestEntityTooLarge, UnsupportedMediaType

from webhooks.errors import InvalidInput
from webhooks_api.strict_json import NotStrictJSON, read_json


def json_object() -> dict[str, Any]:
    """Return the request's body, an object; {} when there is no body.

    Raises:
        RequestEntityTooLarge: the body is longer than the application takes.
        UnsupportedMediaType: the Content-Type is not JSON.
        InvalidInput: the body does not arrive whole, is not strict JSON, or not an object.
    """
    text = _body()
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


def _body() -> bytes:
    try:
        text = request.get_data()
    except RequestEntityTooLarge:
        raise
    except Exception:  # noqa: BLE001  each server has errors of its own for chunks that are not well-formed
        raise InvalidInput({"body": ["The body did not arrive whole."]}) from None
    if request.content_length is None and len(text) >= (request.max_content_length or math.inf):
        # A chunked body is cut off at the limit without a word.
        raise RequestEntityTooLarge
    return text


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
