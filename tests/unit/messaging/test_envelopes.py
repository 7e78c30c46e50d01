"""A value in the list of a queue is recognized as a message of a task, or not."""

from __future__ import annotations

import base64
import json
from copy import deepcopy
from typing import Any

import pytest

from messaging.envelopes import check_element, check_envelope

WHOLE: dict[str, Any] = {
    "body": base64.b64encode(b'[[["one"]], {}, {"callbacks": null}]').decode(),
    "content-type": "application/json",
    "content-encoding": "utf-8",
    "headers": {"lang": "py", "task": "webhooks.deliver", "id": "1", "eta": "2026-11-23T22:26:57+00:00"},
    "properties": {
        "delivery_tag": "2",
        "delivery_info": {"exchange": "", "routing_key": "deliveries"},
        "body_encoding": "base64",
    },
}


def changed(path: str, value: object) -> dict[str, Any]:
    """Return the complete message with one field changed; without it if the value is `...`."""
    message = deepcopy(WHOLE)
    *names, last = path.split(".")
    place = message
    for name in names:
        place = place[name]
    if value is ...:
        del place[last]
    else:
        place[last] = value
    return message


def test_a_message_of_ours_is_recognized() -> None:
    check_envelope(WHOLE)


@pytest.mark.parametrize("element", [None, 1, 1.5, True, "text", [], [WHOLE], {}, {"body": ""}])
def test_a_value_of_another_shape_is_not_a_message(element: object) -> None:
    with pytest.raises(ValueError, match=r"malformed|object"):
        check_envelope(element)


@pytest.mark.parametrize(
    "path",
    [
        "body",
        "content-type",
        "content-encoding",
        "headers",
        "headers.task",
        "headers.id",
        "properties",
        "properties.delivery_tag",
        "properties.delivery_info",
        "properties.delivery_info.routing_key",
        "properties.body_encoding",
    ],
)
@pytest.mark.parametrize("value", [..., None, 1, [], {}, "\ud800"])
def test_a_message_with_a_bad_part_is_not_recognized(path: str, value: object) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  any reason will do
        check_envelope(changed(path, value))


@pytest.mark.parametrize(
    "element",
    [
        b"",
        b"nonsense",
        b"\xff\xfe",
        b"9" * 5000,
        b"[" * 100_000,
        b'{"__type__":"x","__value__":1}',
        b'{"__type__":[],"__value__":1}',
        b'{"a":{"__type__":"datetime","__value__":"2020-01-01T00:00:00"}}',
        b'{"a":{"\\u005f_type__":"decimal","__value__":"zz"}}',
    ],
)
def test_a_message_that_kombu_reads_differently_is_not_recognized(element: bytes) -> None:
    with pytest.raises((ValueError, RecursionError)):
        check_element(element)


def test_an_unparsed_message_is_recognized() -> None:
    check_element(json.dumps(WHOLE).encode())


@pytest.mark.parametrize("body", [b"", b"nonsense", b"null", b"{}", b"[]", b"[[], {}]", b"[{}, [], {}]", b"\xff"])
def test_a_message_without_a_task_call_is_not_recognized(body: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  any reason will do
        check_envelope(changed("body", base64.b64encode(body).decode()))


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("eta", "soon"),
        ("expires", 5),
        ("retries", "many"),
        ("timelimit", [1]),
        ("compression", "gzip"),
        ("chord", {"a": 1}),
        ("more", float("inf")),
    ],
)
def test_a_message_with_a_bad_header_is_not_recognized(header: str, value: object) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  any reason will do
        check_envelope(json.loads(json.dumps(changed(f"headers.{header}", value))))
