"""Bodies of requests: read whole, of the one type that is taken, and as strict JSON."""

from __future__ import annotations

import codecs
from typing import Any

from flask import g, request
from werkzeug.exceptions import RequestEntityTooLarge, UnsupportedMediaType

from webhooks.errors import InvalidInput
from webhooks_api.input.strict_json import NotStrictJSON, read_json


def json_object() -> dict[str, Any]:
    """Return the request's body, an object; {} when there is no body. It may be asked for more than once.

    Raises:
        RequestEntityTooLarge, UnsupportedMediaType, InvalidInput: see `whole_body` and `object_of`.
    """
    if "json_object" not in g:
        g.json_object = object_of(whole_body())
    body: dict[str, Any] = g.json_object
    return body


def whole_body() -> bytes:
    """Return the request's body as it came; it can be read once.

    Raises:
        RequestEntityTooLarge: it is longer than `request.max_content_length`.
        InvalidInput: it does not arrive whole.
    """
    limit, length = request.max_content_length or 0, request.content_length
    if length is None:
        # Of a chunked body, a byte more than it may have tells that it has too many. Werkzeug's own stream would
        # cut it off without a word.
        most = limit + 1 if "Transfer-Encoding" in request.headers else 0
    elif length <= limit:
        most = length
    else:
        raise RequestEntityTooLarge
    try:
        text: bytes = request.input_stream.read(most)
    except Exception:  # noqa: BLE001  each server has errors of its own for chunks that are not well-formed
        raise _bad(_NOT_WHOLE) from None
    if len(text) > limit:
        raise RequestEntityTooLarge
    if len(text) < (length or 0):
        # The caller has hung up, and gunicorn does not say so. What did arrive may be JSON by itself.
        raise _bad(_NOT_WHOLE)
    return text


def object_of(text: bytes, *, keeps_numbers: bool = False) -> dict[str, Any]:
    """Return the object that a body holds; {} when there is no body.

    Args:
        keeps_numbers: its numbers are passed on (`read_json`).

    Raises:
        UnsupportedMediaType: it is declared as something else than JSON in UTF-8, or as compressed.
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
        return  # nearly all are; to look more closely takes longer
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
    except (LookupError, ValueError):  # no name at all
        return False


_NOT_WHOLE = "The body did not arrive whole."


def _bad(reason: str) -> InvalidInput:
    return InvalidInput({"body": [reason]})
