"""Checks whether an element of a queue's list is a task message: Celery's protocol 2, as kombu writes it.

The check is stricter than Celery, which trusts each element, and whose worker crashes at a malformed one.
"""

from __future__ import annotations

import base64
import json
from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

_Nothing = Annotated[dict[str, Any], Meta(max_length=0)]


class _Headers(Struct):
    lang: str
    task: str
    id: str
    root_id: str | None = None
    parent_id: str | None = None
    group: str | None = None
    group_index: int | None = None
    argsrepr: str | None = None
    kwargsrepr: str | None = None
    origin: str | None = None
    shadow: str | None = None
    retries: Annotated[int, Meta(ge=0, le=100)] = 0
    eta: datetime | None = None
    expires: datetime | None = None
    timelimit: tuple[float | None, float | None] = (None, None)
    ignore_result: bool | None = None
    replaced_task_nesting: int | None = None
    stamped_headers: list[str] | None = None
    stamps: dict[str, Any] | None = None
    compression: None = None
    chord: _Nothing | None = None


class _Route(Struct):
    exchange: str
    routing_key: str


class _Properties(Struct):
    delivery_tag: Annotated[str, Meta(min_length=1, max_length=100)]
    delivery_info: _Route
    body_encoding: Literal["base64"] | None = None
    correlation_id: str = ""
    reply_to: str | None = None
    priority: Annotated[int, Meta(ge=0, le=255)] | None = None


class _Envelope(Struct, rename="kebab", forbid_unknown_fields=True):
    body: str
    headers: _Headers
    properties: _Properties
    content_type: Literal["application/json"]
    content_encoding: Literal["utf-8"]
    redelivered: bool = False


def check_element(element: bytes) -> list[Any]:
    """Check that an element of a queue's list is a task message; returns the task's positional arguments.

    Raises:
        ValueError: it is malformed; the message says why.
        RecursionError: it is malformed, and nested too deeply.
    """
    return check_envelope(json.loads(element.decode(), object_hook=_plain))


def _plain(fields: dict[str, Any]) -> dict[str, Any]:
    """Refuse an object that kombu would convert into another type, such as a date."""
    if "__type__" in fields:
        raise ValueError("not plain JSON")
    return fields


def check_envelope(element: Any) -> list[Any]:
    """Check a parsed element, as `check_element` does.

    Raises:
        ValueError: it is malformed; the message says why.
    """
    # Refuses numbers beyond a float, and lone surrogates, at any depth.
    json.dumps(element, allow_nan=False, ensure_ascii=False).encode()
    try:
        envelope = msgspec.convert(element, _Envelope)
    except msgspec.ValidationError as error:
        raise ValueError(f"malformed: {error}") from None
    is_plain = envelope.properties.body_encoding is None
    body = json.loads(envelope.body if is_plain else base64.b64decode(envelope.body, validate=True))
    shapes = [type(part) for part in body] if isinstance(body, list) else []
    if shapes != [list, dict, dict]:
        raise ValueError("the body is not a task's arguments")
    arguments: list[Any] = body[0]
    return arguments
