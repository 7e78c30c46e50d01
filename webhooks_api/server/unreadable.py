"""The answer to data that is not an HTTP request: an error in the usual shape."""

from __future__ import annotations

import json
from http import HTTPStatus
from ssl import SSLError

from gunicorn.http import errors

from webhooks_api.json_flask import JSON_TYPE
from webhooks_api.security.headers import SECURITY_HEADERS

#: The status of each error; 400 for all others.
_STATUSES = {
    errors.LimitRequestLine: HTTPStatus.REQUEST_URI_TOO_LONG,
    errors.LimitRequestHeaders: HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
    errors.ExpectationFailed: HTTPStatus.EXPECTATION_FAILED,
    errors.UnsupportedTransferCoding: HTTPStatus.NOT_IMPLEMENTED,
}
_OUR_FAULTS = (errors.InvalidResponseHeader, errors.InvalidResponseHeaderName, errors.ConfigurationProblem)


def is_unreadable(error: Exception) -> bool:
    """Report whether an error of gunicorn means an unreadable request, or one without TLS."""
    return isinstance(error, errors.ParseException | SSLError) and not isinstance(error, _OUR_FAULTS)


def status_of(error: Exception) -> HTTPStatus:
    """Return the status for an error of gunicorn or of the application."""
    default = HTTPStatus.BAD_REQUEST if is_unreadable(error) else HTTPStatus.INTERNAL_SERVER_ERROR
    return _STATUSES.get(type(error), default)


def answer_with(status: HTTPStatus) -> bytes:
    """Return the last answer of a connection. It quotes nothing of the request, which may contain a key."""
    fields = {"action": "request", "status": "error", "code": status.value, "message": f"{status.description}."}
    body = json.dumps(fields, separators=(",", ":"))
    headers = SECURITY_HEADERS | {
        "Connection": "close",
        "Content-Type": JSON_TYPE,
        "Content-Length": str(len(body)),
    }
    lines = [f"HTTP/1.1 {status.value} {status.phrase}", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", body]).encode()
