"""The service's answers, read into receipts and errors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import requests

from webhooks_client.errors import Rejected, Unauthorized, UnexpectedAnswer
from webhooks_client.receipts import Receipt, Rejection, Result

_REFUSED_STATUSES = frozenset({400, 404, 409, 413, 422})


def read_answer(response: requests.Response, expected: int) -> Mapping[str, Any]:
    """Return the JSON object of an answer that has the `expected` status.

    Raises:
        Unauthorized: the status is 401 or 403.
        Rejected: the request itself was refused.
        UnexpectedAnswer: any other status, a redirect among them, or the body is not a JSON object.
    """
    status = response.status_code
    if status in {401, 403}:
        raise Unauthorized(f"It answered {status}.")
    try:
        body = response.json()
    except requests.JSONDecodeError:
        body = None
    if status == expected and isinstance(body, dict):
        return body
    if status in _REFUSED_STATUSES:
        raise _rejected(status, body if isinstance(body, dict) else {})
    lacking = "" if isinstance(body, dict) else " without a JSON object"
    raise UnexpectedAnswer(f"It answered {status}{lacking}.")


def read_receipt(answer: Mapping[str, Any]) -> Receipt:
    """Return the receipt in the answer to one event.

    Raises:
        UnexpectedAnswer: there is none in it.
    """
    try:
        return Receipt(
            hook_id=answer.get("hookId"),
            action=answer["action"],
            ref_id=answer["refId"],
            state=answer["state"],
            duplicate=answer.get("duplicate", False),
            auto_post=answer.get("autoPost"),
        )
    except KeyError as missing:
        raise UnexpectedAnswer(f"It has no {missing}.") from None


def read_results(answer: Mapping[str, Any], indexes: Sequence[int]) -> list[Result]:
    """Return the results in the answer to many events.

    Args:
        answer: the whole answer.
        indexes: for each event that was sent, its place among those of the caller.

    Raises:
        UnexpectedAnswer: it does not have one result for each event.
    """
    items = answer.get("events")
    if not isinstance(items, list) or len(items) != len(indexes):
        raise UnexpectedAnswer("It does not have one result for each event.")
    return [_read_result(item, index) for item, index in zip(items, indexes, strict=True)]


def read_active(answer: Mapping[str, Any]) -> bool:
    """Return whether the answer says that a webhook is active.

    Raises:
        UnexpectedAnswer: it does not say.
    """
    active = answer.get("active")
    if not isinstance(active, bool):
        raise UnexpectedAnswer("It does not say whether a webhook is active.")
    return active


def _read_result(item: Any, index: int) -> Result:
    if not isinstance(item, dict):
        raise UnexpectedAnswer("A result in it is not an object.")
    if item.get("status") == "error":
        return Rejection(index, item.get("code"), str(item.get("message", "")), item.get("errors") or {})
    return read_receipt(item)


def _rejected(status: int, body: Mapping[str, Any]) -> Rejected:
    message = str(body.get("message") or f"It answered {status}.")
    return Rejected(message, body.get("code"), body.get("errors"), status)
