"""Blueprints that read their arguments strictly and document themselves."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn

from flask import Request
from flask_smorest import Blueprint
from marshmallow import Schema, ValidationError
from webargs.flaskparser import FlaskParser
from webargs.multidictproxy import MultiDictProxy

from webhooks.errors import InvalidInput
from webhooks_api.documentation.documented_errors import error_responses
from webhooks_api.input.bodies import json_object
from webhooks_api.input.queries import View, plain, with_parameters


class _StrictParser(FlaskParser):
    """Reads arguments into a schema; every mistake is an `InvalidInput`."""

    DEFAULT_VALIDATION_STATUS = 400
    DEFAULT_UNKNOWN_BY_LOCATION = FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION | {"json": None}

    def load_json(self, req: Request, schema: Schema) -> dict[str, Any]:  # noqa: ARG002  webargs' signature
        return json_object()

    def load_querystring(self, req: Request, schema: Schema) -> MultiDictProxy:
        return MultiDictProxy(plain(req.args, schema.fields), schema)

    def handle_error(self, error: ValidationError, *_: Any, **__: Any) -> NoReturn:
        (messages,) = error.messages_dict.values()  # webargs nests them below the location
        raise InvalidInput(messages)


class ApiBlueprint(Blueprint):
    """A blueprint whose name is the `action` of its errors.

    Args:
        errors: statuses of the errors that its routes answer in addition to those of every route.
    """

    ARGUMENTS_PARSER = _StrictParser()

    def __init__(self, *args: Any, errors: Sequence[int] = (), **options: Any) -> None:
        super().__init__(*args, **options)
        self._errors = errors
        self._prepare_doc_cbks.append(self._document_errors)

    def arguments(self, schema: type[Schema], *, location: str = "json", **options: Any) -> Callable[[View], View]:
        """Decorate a view that takes the arguments of a schema; with a query schema, it has no other parameters.

        The `EXAMPLE` of a body's schema is shown in the OpenAPI document.
        """
        if location == "json":
            options.setdefault("example", getattr(schema, "EXAMPLE", None))
        decorate: Callable[[View], View] = super().arguments(schema, location=location, **options)
        if location != "query":
            return decorate
        return lambda view: with_parameters(decorate(view), schema)

    def _document_errors(self, doc: dict[str, Any], route: Mapping[str, Any], **_: Any) -> dict[str, Any]:
        more = route.get("manual_doc", {})
        takes_body = "requestBody" in doc | more
        responses = (
            doc["responses"] | error_responses(*self._errors, takes_body=takes_body) | more.get("responses", {})
        )
        return doc | {"responses": {status: responses[status] for status in sorted(responses, key=str)}}
