"""What an element of a queue's list must be to be a task's message: Celery's protocol 2, as kombu writes it.

It is stricter than Celery, which takes an element's word for it and ends the worker where that is not kept.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from datetime import UTC
from typing import Any

from marshmallow import INCLUDE, Schema, fields, validate


class _Headers(Schema):
    class Meta:
        unknown = INCLUDE

    lang = fields.String(required=True)
    task = fields.String(required=True)
    id = fields.String(required=True)
    root_id = fields.String(allow_none=True)
    parent_id = fields.String(allow_none=True)
    group = fields.String(allow_none=True)
    group_index = fields.Integer(strict=True, allow_none=True)
    argsrepr = fields.String(allow_none=True)
    kwargsrepr = fields.String(allow_none=True)
    origin = fields.String(allow_none=True)
    shadow = fields.String(allow_none=True)
    retries = fields.Integer(strict=True, validate=validate.Range(0, 100))
    eta = fields.AwareDateTime(default_timezone=UTC, allow_none=True)
    expires = fields.AwareDateTime(default_timezone=UTC, allow_none=True)
    timelimit = fields.List(fields.Float(allow_none=True), validate=validate.Length(equal=2))
    ignore_result = fields.Boolean(truthy={True}, falsy={False}, allow_none=True)
    replaced_task_nesting = fields.Integer(strict=True, allow_none=True)
    stamped_headers = fields.List(fields.String(), allow_none=True)
    stamps = fields.Dict(keys=fields.String(), allow_none=True)
    compression = fields.String(validate=validate.OneOf([]))
    chord = fields.Dict(allow_none=True, validate=validate.Length(equal=0))


class _Route(Schema):
    class Meta:
        unknown = INCLUDE

    exchange = fields.String(required=True)
    routing_key = fields.String(required=True)


class _Properties(Schema):
    class Meta:
        unknown = INCLUDE

    delivery_tag = fields.String(required=True, validate=validate.Length(1, 100))
    delivery_info = fields.Nested(_Route, required=True)
    body_encoding = fields.String(validate=validate.Equal("base64"))
    correlation_id = fields.String()
    reply_to = fields.String(allow_none=True)
    priority = fields.Integer(strict=True, allow_none=True, validate=validate.Range(0, 255))


class _Envelope(Schema):
    body = fields.String(required=True)
    headers = fields.Nested(_Headers, required=True)
    properties = fields.Nested(_Properties, required=True)
    content_type = fields.String(
        required=True, data_key="content-type", validate=validate.Equal("application/json")
    )
    content_encoding = fields.String(required=True, data_key="content-encoding", validate=validate.Equal("utf-8"))


_ENVELOPE = _Envelope()


def check_element(element: bytes) -> None:
    """Make sure that an element of a queue's list is a task's message.

    Raises:
        ValueError: it is not; the message says why.
        RecursionError: it is not, and nests too deeply to say more.
    """
    check_envelope(json.loads(element.decode(), object_hook=_plain))


def _plain(fields: dict[str, Any]) -> dict[str, Any]:
    """Refuse what kombu would take for a value of another type, such as a date, and make into one."""
    if "__type__" in fields:
        raise ValueError("not plain JSON")
    return fields


def check_envelope(element: Any) -> None:
    """The same for an element that has been parsed.

    Raises:
        ValueError: it is none; the message says why.
    """
    # Neither numbers beyond a float nor half characters, wherever they are.
    json.dumps(element, allow_nan=False, ensure_ascii=False).encode()
    if not isinstance(element, Mapping):
        raise ValueError("not an object")  # noqa: TRY004  whatever is wrong is one kind of error here
    if errors := _ENVELOPE.validate(element):
        raise ValueError(f"malformed: {', '.join(errors)}")
    is_plain = "body_encoding" not in element["properties"]
    body = json.loads(element["body"] if is_plain else base64.b64decode(element["body"], validate=True))
    shapes = [type(part) for part in body] if isinstance(body, list) else []
    if shapes != [list, dict, dict]:
        raise ValueError("the body is not a task's arguments")
