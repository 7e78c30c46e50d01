"""Answers read into receipts and errors; what the service would not answer so is taken for somebody else's.

At a wrong URL another server answers, or a proxy or a captive portal does, with any status and any body. A
producer that believed it would drop an event that nobody has judged. So the shape decides, never a status alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeGuard
from urllib.parse import urlsplit

import requests

from webhooks_client.errors import Rejected, Unauthorized, UnexpectedAnswer
from webhooks_client.exact_json import loads
from webhooks_client.receipts import Receipt, Rejection, Result

#: The `action` of each error that `/api/events` answers, and of one that no route answers.
_EVENTS = "events"
NO_ROUTE = "request"
#: Status and code of the errors that judge an event: bad, of an unknown profile, under a used key, too large.
_JUDGEMENTS = frozenset({(400, 101), (404, 144), (409, 409), (413, 413)})
_NOT_AUTHENTICATED = (401, 102)


@dataclass(frozen=True)
class ServiceError:
    """An error in the shape that all of the service's have.

    Attributes:
        action: what the call was about; `request` if no route was found for it.
        code: its reason, as a number.
        message: its reason, as a sentence.
        errors: messages by field.
    """

    action: str
    code: int
    message: str
    errors: Mapping[str, Any] = field(default_factory=dict)


def object_of(response: requests.Response) -> dict[str, Any] | None:
    """Return the JSON object that an answer holds, its numbers as they are written; None if it holds none."""
    try:
        body = loads(response.content)
    except (ValueError, RecursionError):
        return None
    return body if isinstance(body, dict) else None


def error_of(body: Mapping[str, Any] | None) -> ServiceError | None:
    """Return the error that a body holds; None if it is none of the service's."""
    body = body or {}
    action, code, message, errors = (body.get(name) for name in ("action", "code", "message", "errors"))
    if not (body.get("status") == "error" and isinstance(action, str) and isinstance(message, str)):
        return None
    if not _is_code(code) or not isinstance(errors, dict | None):
        return None
    return ServiceError(action, code, message, errors or {})


def described(response: requests.Response) -> str:
    """Return what somebody else's answer is, as a sentence. It repeats nothing of a body or of a path."""
    status = response.status_code
    error = error_of(object_of(response))
    if error is not None:
        return f"It answered {status}: {error.message}"
    if "Location" in response.headers and 300 <= status <= 399:
        target = urlsplit(response.headers["Location"])
        where = f"{target.scheme}://{target.hostname}" if target.scheme and target.hostname else "another path"
        return f"It answered {status}, a redirect to {where}."
    what = "without a JSON object" if object_of(response) is None else "with JSON of another kind"
    return f"It answered {status} {what}."


def read_answer(response: requests.Response, expected: int) -> Mapping[str, Any]:
    """Return the JSON object of an answer that has the `expected` status and says that all is well.

    Raises:
        Unauthorized: the service does not take the key.
        Rejected: the service has judged the event, and refuses it.
        UnexpectedAnswer: any other answer, a redirect among them.
    """
    status, body = response.status_code, object_of(response)
    if status == expected and body is not None and body.get("status") in {"success", "partial"}:
        return body
    error = error_of(body)
    if error is not None and error.action == _EVENTS:
        if (status, error.code) in _JUDGEMENTS:
            raise Rejected(error.message, error.code, error.errors, status)
        if (status, error.code) == _NOT_AUTHENTICATED:
            raise Unauthorized(f"It answered {status}.")
    raise UnexpectedAnswer(described(response), status)


def read_receipt(answer: Mapping[str, Any]) -> Receipt:
    """Return the receipt in the answer to one event.

    Raises:
        UnexpectedAnswer: there is none in it.
    """
    receipt = Receipt(
        hook_id=answer.get("hookId"),
        action=answer.get("action", ""),
        ref_id=answer.get("refId", ""),
        state=answer.get("state", ""),
        duplicate=answer.get("duplicate", False),
        auto_post=answer.get("autoPost"),
    )
    are_texts = all(isinstance(text, str) and text for text in (receipt.action, receipt.ref_id, receipt.state))
    are_options = isinstance(receipt.hook_id, str | None) and isinstance(receipt.auto_post, bool | None)
    if not (are_texts and are_options and isinstance(receipt.duplicate, bool)):
        raise UnexpectedAnswer("It has no receipt for the event.")
    return receipt


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
    error = error_of({"action": _EVENTS, **item})
    if error is not None:
        return Rejection(index, error.code, error.message, error.errors)
    if item.get("status") != "success":
        raise UnexpectedAnswer("A result in it is neither a receipt nor an error.")
    return read_receipt(item)


def _is_code(code: object) -> TypeGuard[int]:
    return isinstance(code, int) and not isinstance(code, bool)
