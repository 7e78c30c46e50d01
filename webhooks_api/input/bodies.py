"""Bodies of requests: read completely, in the one accepted media type, as strict JSON."""

from __future__ import annotations

import codecs
from typing import Any

from flask import g, request
from werkzeug.exceptions import RequestEntityTooLarge, UnsupportedMediaType

from webhooks.errors import InvalidInput
from webhooks_api.input.strict_json import NotStrictJSON, read_json


def json_object() -> dict[str, Any]:
    """Return the request's body, an object; {} without a body. It may be called more than once.

    Raises:
        RequestEntityTooLarge, UnsupportedMediaType, InvalidInput: see `whole_body` and `object_of`.
    """
    if "json_object" not in g:
        g.json_object = object_of(whole_body())
    body: dict[str, Any] = g.json_object
    return body


def whole_body() -> bytes:
    """Return the request's body as bytes; it can be read once.

    Raises:
        RequestEntityTooLarge: it is longer than `request.max_content_length`.
        InvalidInput: it does not arrive completely.
    """
    limit, length = request.max_content_length or 0, request.content_length
    if length is None:
        # Of a chunked body, one byte over the limit is read, which shows that it is too long. Werkzeug's own
        # stream would cut it off silently.
        most = limit + 1 if "Transfer-Encoding" in request.headers else 0
    elif length <= limit:
        most = length
    else:
        raise RequestEntityTooLarge
    try:
        text: bytes = request.input_stream.read(most)
    except Exception:  # noqa: BLE001  each server has its own errors for malformed chunks
        raise _bad(_NOT_WHOLE) from None
    if len(text) > limit:
        raise RequestEntityTooLarge
    if len(text) < (length or 0):
        # The caller has closed the connection, and gunicorn does not report it. The part that arrived may be valid
        # JSON.
        raise _bad(_NOT_WHOLE)
    return text


def object_of(text: bytes, *, keeps_numbers: bool = False) -> dict[str, Any]:
    """Return the object in a body; {} without a body.

    Args:
        keeps_numbers: whether its numbers keep their digits (`read_json`).

    Raises:
        UnsupportedMediaType: its declared type is not JSON in UTF-8, or it is compressed.
        InvalidInput: it is not strict JSON, or not an object.
    """
    if not text:
        return {}
    _check_type()
    try:
        body = read_json(text, keeps_numbers=keeps_numbers)
    except NotStrictJSON as error:
        raise _bad(str(error)) from None
    if not isinstance(body, dict):
        raise _bad("Must be an object.")
    return body


def _check_type() -> None:
    if request.content_type == "application/json" and "Content-Encoding" not in request.headers:
        return  # nearly all requests; a closer look takes longer
    if request.mimetype != "application/json":
        raise UnsupportedMediaType("The Content-Type must be application/json.")
    if not _is_utf_8(request.mimetype_params.get("charset", "utf-8")):
        raise UnsupportedMediaType("The charset of the Content-Type must be utf-8.")
    if request.headers.get("Content-Encoding", "").strip().lower() not in {"", "identity"}:
        raise UnsupportedMediaType("The body must not be compressed: no Content-Encoding is taken.")


def _is_utf_8(charset: str) -> bool:
    """Report whether this is a name of UTF-8, such as `utf8`."""
    try:
        return codecs.lookup(charset).name == "utf-8"
    except (LookupError, ValueError):  # not the name of an encoding
        return False


_NOT_WHOLE = "The body did not arrive whole."


def _bad(reason: str) -> InvalidInput:
    return InvalidInput({"body": [reason]})
