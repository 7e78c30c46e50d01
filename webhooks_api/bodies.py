"""Bodies of requests: read whole, of the one type that is taken, and as strict JSON."""

from __future__ import annotations

import codecs
from typing import Any

from flask import request
from werkzeug.exceptions import RequestEntityTooLarge, UnsupportedMediaType

from webhooks.errors import InvalidInput
from webhooks_api.strict_json import NotStrictJSON, read_json


def json_object() -> dict[str, Any]:
    """Return the request's body, an object; {} when there is no body.

    Raises:
        RequestEntityTooLarge: the body is longer than `request.max_content_length`.
        UnsupportedMediaType: it is declared as something else than JSON in UTF-8, or as compressed.
        InvalidInput: the body does not arrive whole, is not strict JSON, or not an object.
    """
    text = _whole_body()
    if not text:
        return {}
    _check_type()
    try:
        body = read_json(text)
    except NotStrictJSON as error:
        raise _bad(str(error)) from None
    if not isinstance(body, dict):
        raise _bad("Must be an object.")
    return body


def _whole_body() -> bytes:
    limit = request.max_content_length
    if limit is not None and request.content_length is None:
        # A chunked body is cut off there without a word; a byte more tells that it was longer.
        request.max_content_length = limit + 1
    try:
        text = request.get_data()
    except RequestEntityTooLarge:
        raise
    except Exception:  # noqa: BLE001  each server has errors of its own for chunks that are not well-formed
        raise _bad(_NOT_WHOLE) from None
    finally:
        request.max_content_length = limit
    if limit is not None and len(text) > limit:
        raise RequestEntityTooLarge
    if len(text) < (request.content_length or 0):
        # The caller has hung up, and gunicorn does not say so. What did arrive may be JSON by itself.
        raise _bad(_NOT_WHOLE)
    return text


def _check_type() -> None:
    if request.mimetype != "application/json":
        raise UnsupportedMediaType("The Content-Type must be application/json.")
    if not _is_utf_8(request.mimetype_params.get("charset", "utf-8")):
        raise UnsupportedMediaType("The charset of the Content-Type must be utf-8.")
    if request.headers.get("Content-Encoding", "").strip().lower() not in {"", "identity"}:
        raise UnsupportedMediaType("The body must not be compressed: no Content-Encoding is taken.")


def _is_utf_8(charset: str) -> bool:
    """Tell whether this is a name of UTF-8; `utf8` is one."""
    try:
        return codecs.lookup(charset).name == "utf-8"
    except (LookupError, ValueError):  # no name at all
        return False


_NOT_WHOLE = "The body did not arrive whole."


def _bad(reason: str) -> InvalidInput:
    return InvalidInput({"body": [reason]})
