"""The body that a receiver is sent (contract section 4): the event, and what is added to it.

Most of it is the same in every attempt. That is written as JSON once, when the event is accepted, and an attempt
puts the rest behind it: reading and writing the event again would cost more than signing it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

#: Fields that an attempt adds; an event's own of these names give way to them.
ADDED = ("title", "retry", "url")


def payload_of(event: Mapping[str, Any], hook_id: str, now: datetime, *, keeps_url: bool) -> str:
    """Return what is the same in every attempt, as JSON.

    Args:
        event: with all its fields, checked.
        now: when it was accepted, which is when it was created unless it says so itself.
        keeps_url: its `url` is its own, and is not to give way to the webhook's.
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
        title: that of the profile which the event is about.
        retry: whether an earlier attempt was made, if only begun.
        url: the webhook's URL; None where the event keeps its own.

    Raises:
        ValueError: the payload is not one.
    """
    if not (payload.startswith("{") and payload.endswith("}")):
        raise ValueError("no JSON object")
    told_url = "" if url is None else f',"url":{compact(url)}'
    told_retry = "true" if retry else "false"
    return f'{payload[:-1]},"title":{compact(title)},"retry":{told_retry}{told_url}}}'.encode()


def compact(value: object) -> str:
    """Return a value as JSON without blanks."""
    return msgspec.json.encode(value).decode()
