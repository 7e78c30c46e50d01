"""Query parameters: a call refuses unknown ones, so that none is silently ignored."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from flask import Flask, request
from marshmallow import Schema, fields
from werkzeug.datastructures import MultiDict

from webhooks.errors import InvalidInput
from webhooks_api.documentation.docs_page import PAGE

#: An element of an array as JavaScript clients write it: `profileKeys[0]=…`.
_ELEMENT = re.compile(r"(?P<array>.+)\[[0-9]{1,4}\]")
_NAMES = "query_parameters"

View = Callable[..., Any]
Parameters = Mapping[str, fields.Field[Any]]


def with_parameters(view: View, schema: type[Schema]) -> View:
    """Record the query parameters of a view."""
    setattr(view, _NAMES, schema().fields)
    return view


def plain(arguments: MultiDict[str, str], parameters: Parameters) -> MultiDict[str, str]:
    """Return query arguments with the elements of arrays, `keys[0]` and `keys[1]`, under the array's own name."""
    return MultiDict(
        (_plain_name(name, parameters), value) for name, values in arguments.lists() for value in values
    )


def check_queries(app: Flask) -> None:
    """Make every registered route below `/api` refuse unknown query parameters.

    The check comes after the gate: a caller without a key gets no other error.
    """
    below_api = {rule.endpoint for rule in app.url_map.iter_rules() if _is_strict(rule.rule)}
    for endpoint in below_api:
        app.view_functions[endpoint] = _strict(app.view_functions[endpoint])


def _is_strict(path: str) -> bool:
    """Report whether a path is below `/api`, except the documentation page, where browsers add parameters."""
    return path.startswith("/api/") and not f"{path}/".startswith(f"{PAGE}/")


def _strict(view: View) -> View:
    parameters: Parameters = getattr(view, _NAMES, {})

    @wraps(view)
    def checked(*arguments: Any, **options: Any) -> Any:
        if request.query_string:
            _check(plain(request.args, parameters), parameters)
        return view(*arguments, **options)

    return checked


def _check(arguments: MultiDict[str, str], parameters: Parameters) -> None:
    known = ", ".join(sorted(parameters)) or "none"
    unknown = f"Unknown query parameter. This call has: {known}."
    errors = {name: [unknown] for name in arguments if name not in parameters}
    for name, values in arguments.lists():
        if name in parameters and len(values) > 1 and not _is_array(parameters[name]):
            errors[name] = ["Must not be sent more than once."]
    if errors:
        raise InvalidInput(errors)


def _plain_name(name: str, parameters: Parameters) -> str:
    element = _ELEMENT.fullmatch(name)
    array = element["array"] if element else ""
    return array if array in parameters and _is_array(parameters[array]) else name


def _is_array(field: fields.Field[Any]) -> bool:
    return isinstance(field, fields.List)
