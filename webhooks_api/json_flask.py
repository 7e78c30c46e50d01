"""Flask as the API has it: with a quick writer of JSON, and without what would answer in HTML by itself."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import msgspec
from flask import Flask, Request, Response
from flask.json.provider import DefaultJSONProvider
from werkzeug.exceptions import NotFound
from werkzeug.routing import MapAdapter

from webhooks_api.input.literal_paths import literal_path

#: The Content-Type of every answer in JSON. Clients of the API that ours follows compare it as a whole.
JSON_TYPE = "application/json; charset=utf-8"


class Answers(DefaultJSONProvider):
    """Writes answers in a tenth of the time that Flask's own provider takes."""

    def dumps(self, obj: Any, **_: Any) -> str:
        """Return a value as JSON."""
        try:
            return msgspec.json.encode(obj).decode()
        except UnicodeEncodeError:  # what is no Unicode has its escape
            return json.dumps(obj)


class _Response(Response):
    """An answer. Every JSON answer states its charset."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        if options.get("mimetype") == "application/json":
            options["mimetype"] = JSON_TYPE
        super().__init__(*arguments, **options)


class JsonFlask(Flask):
    """Flask whose routes answer in JSON; errors do by `webhooks_api.errors`."""

    json_provider_class = Answers
    response_class = _Response

    def __init__(self, name: str) -> None:
        super().__init__(name, static_folder=None)
        self.config["PROVIDE_AUTOMATIC_OPTIONS"] = False  # they would be answered without JSON
        self.url_map.merge_slashes = False  # the redirect would be without JSON too

    def create_url_adapter(self, request: Request | None) -> MapAdapter | None:
        """Return what finds the route of a request, by its path as it was sent.

        Raises:
            NotFound: it cannot be one of ours. It is then answered as every unknown path is.
        """
        adapter = super().create_url_adapter(request)
        if request is not None and adapter is not None:
            path = literal_path(request.environ)
            if path is None:
                raise NotFound
            adapter.path_info = path
        return adapter

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function unchanged: none is a coroutine, and checking for one costs each request 5 µs."""
        return func
