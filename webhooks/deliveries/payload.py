"""The body of a call (contract section 4): the event, and the fields that Ringback adds.

Most of the body is the same in every attempt. This part, the payload, is written as JSON once, when the event is
accepted. An attempt appends its own fields: to parse and write the event again would cost more than to sign it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

#: Fields that an attempt adds. They replace fields of the event with the same names.
ADDED = ("title", "retry", "url")


def payload_of(event: Mapping[str, Any], hook_id: str, now: datetime, *, keeps_url: bool) -> str:
    """Return the payload of an event: the part of the body that is the same in every attempt, as JSON.

    Args:
        event: the checked event.
        now: when it was accepted; the value of `created` if the event has none.
        keeps_url: whether `url` is a field of the event, which the webhook's URL must not replace.
    """
    fields = {name: value for name, value in event.items() if name != "idempotencyKey" and name not in ADDED}
    if keeps_url and "url" in event:
        fields["url"] = event["url"]
    fields.setdefault("created", now.strftime("%Y-%m-%dT%H:%M:%SZ"))
    fields.setdefault("code", 200)
    fields["hookId"] = hook_id
    return compact(fields)


def body_of(payload: str, title: str, *, retry: bool, url: str | None) -> bytes:
    """Return the body of an attempt.

    Args:
        payload: what `payload_of` returned.
        title: the title of the profile that the event is about.
        retry: whether an earlier attempt was begun.
        url: the webhook's URL; None where the event keeps its own.

    Raises:
        ValueError: the payload is not a JSON object.
    """
    if not (payload.startswith("{") and payload.endswith("}")):
        raise ValueError("not a JSON object")
    url_field = "" if url is None else f',"url":{compact(url)}'
    return f'{payload[:-1]},"title":{compact(title)},"retry":{compact(retry)}{url_field}}}'.encode()


def compact(value: object) -> str:
    """Return a value as JSON without blanks."""
    return msgspec.json.encode(value).decode()
