"""Answers of the service, read into receipts and errors.

At a wrong URL, or behind a proxy or a captive portal, another server answers, with any status and any body. A
producer that believed such an answer would drop an event that Ringback never saw. So an answer counts only if its
body has the service's shape; the status alone decides nothing.
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

#: The `action` in each error of `/api/events`, and in the error for a path without a route.
_EVENTS = "events"
NO_ROUTE = "request"
#: Status and code of the errors that reject an event: invalid, unknown profile, idempotency key in use, too large.
_REJECTIONS = frozenset({(400, 101), (404, 144), (409, 409), (413, 413)})
_NOT_AUTHENTICATED = (401, 102)


@dataclass(frozen=True)
class ServiceError:
    """An error in the shape that all errors of the service have.

    Attributes:
        action: the subject of the call; `request` if the path has no route.
        code: the reason as a number.
        message: the reason as a sentence.
        errors: messages by field.
    """

    action: str
    code: int
    message: str
    errors: Mapping[str, Any] = field(default_factory=dict)


def object_of(response: requests.Response) -> dict[str, Any] | None:
    """Return the JSON object in an answer, with all digits of its numbers; None if the body is anything else."""
    try:
        body = loads(response.content)
    except (ValueError, RecursionError):
        return None
    return body if isinstance(body, dict) else None


def error_of(body: Mapping[str, Any] | None) -> ServiceError | None:
    """Return the error in a body; None if the body is not an error of the service."""
    body = body or {}
    action, code, message, errors = (body.get(name) for name in ("action", "code", "message", "errors"))
    if not (body.get("status") == "error" and isinstance(action, str) and isinstance(message, str)):
        return None
    if not _is_code(code) or not isinstance(errors, dict | None):
        return None
    return ServiceError(action, code, message, errors or {})


def described(response: requests.Response) -> str:
    """Describe an unexpected answer in a sentence, without quoting its body or the path of a redirect."""
    status = response.status_code
    error = error_of(object_of(response))
    if error is not None:
        return f"It answered {status}: {error.message}"
    if "Location" in response.headers and 300 <= status <= 399:
        target = urlsplit(response.headers["Location"])
        host = f"{target.scheme}://{target.hostname}" if target.scheme and target.hostname else "another path"
        return f"It answered {status}, a redirect to {host}."
    content = "without a JSON object" if object_of(response) is None else "with JSON of another kind"
    return f"It answered {status} {content}."


def read_answer(response: requests.Response, expected: int) -> Mapping[str, Any]:
    """Return the JSON object of an answer that reports success with the `expected` status.

    Raises:
        Unauthorized: the service does not accept the key.
        Rejected: the service refuses the event.
        UnexpectedAnswer: any other answer, including a redirect.
    """
    status, body = response.status_code, object_of(response)
    if status == expected and body is not None and body.get("status") in {"success", "partial"}:
        return body
    error = error_of(body)
    if error is not None and error.action == _EVENTS:
        if (status, error.code) in _REJECTIONS:
            raise Rejected(error.message, error.code, error.errors, status)
        if (status, error.code) == _NOT_AUTHENTICATED:
            raise Unauthorized(f"It answered {status}.")
    raise UnexpectedAnswer(described(response), status)


def read_receipt(answer: Mapping[str, Any]) -> Receipt:
    """Return the receipt in the answer to one event.

    Raises:
        UnexpectedAnswer: the answer contains no receipt.
    """
    receipt = Receipt(
        hook_id=answer.get("hookId"),
        action=answer.get("action", ""),
        ref_id=answer.get("refId", ""),
        state=answer.get("state", ""),
        duplicate=answer.get("duplicate", False),
        auto_post=answer.get("autoPost"),
    )
    has_strings = all(
        isinstance(value, str) and value for value in (receipt.action, receipt.ref_id, receipt.state)
    )
    has_optionals = isinstance(receipt.hook_id, str | None) and isinstance(receipt.auto_post, bool | None)
    if not (has_strings and has_optionals and isinstance(receipt.duplicate, bool)):
        raise UnexpectedAnswer("It has no receipt for the event.")
    return receipt


def read_results(answer: Mapping[str, Any], indexes: Sequence[int]) -> list[Result]:
    """Return the results in the answer to a batch.

    Args:
        answer: the whole answer.
        indexes: for each event of the batch, its position among the caller's events.

    Raises:
        UnexpectedAnswer: the answer does not have one result for each event.
    """
    items = answer.get("events")
    if not isinstance(items, list) or len(items) != len(indexes):
        raise UnexpectedAnswer("It does not have one result for each event.")
    return [_read_result(item, index) for item, index in zip(items, indexes, strict=True)]


def read_active(answer: Mapping[str, Any]) -> bool:
    """Return whether a webhook is active.

    Raises:
        UnexpectedAnswer: the answer does not say so either way.
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
