"""The events of the bench, about 500 bytes each, and the bodies of requests that contain them."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Any

#: The secret of every profile.
SECRET = "a-signing-secret-of-the-bench"  # noqa: S105 - made up

_MESSAGE = (
    "The permission for Instagram runs out soon, as the password of the linked Facebook account was changed. "
    "Please link the account again before then; posts that are scheduled for a later time cannot be published "
    "otherwise, and the analytics of this profile will have a gap."
)


def event(ref_id: str) -> dict[str, Any]:
    """Return an event about a profile."""
    return {
        "action": "social",
        "refId": ref_id,
        "type": "refresh",
        "platform": "instagram",
        "source": "system",
        "displayName": "Panadería Ejemplo",
        "details": {"status": "error", "code": 190, "message": _MESSAGE},
        "refreshBy": "2026-02-04T00:00:00Z",
    }


def requests_for(ref_ids: Sequence[str], batch: int) -> list[str]:
    """Return bodies to send in turn, again and again, whose events use each of these profiles in turn.

    Args:
        batch: the events in each body; with one, the body is the event itself.
    """
    count = math.lcm(len(ref_ids), batch)
    events = [event(ref_ids[index % len(ref_ids)]) for index in range(count)]
    if batch == 1:
        return [compact(one) for one in events]
    return [compact({"events": events[start : start + batch]}) for start in range(0, count, batch)]


def delivered(hook_id: str, url: str) -> str:
    """Return the payload of an event, with the fields that the contract adds, in their real length."""
    added = {"hookId": hook_id, "title": "Bench", "url": url, "created": "2026-01-05T01:18:47Z", "code": 200}
    return compact({**event("0" * 40), **added, "retry": False})


def compact(value: object) -> str:
    """Return a value as JSON without blanks."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
