"""One shape for every error, and one table from the business's errors to HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import structlog
from flask import Flask, Response, jsonify, request
from werkzeug.exceptions import HTTPException, NotFound, RequestEntityTooLarge

from webhooks import errors

log = structlog.get_logger()

#: Error -> (HTTP status, the contract's code).
STATUS_AND_CODE: Mapping[type[errors.RingbackError], tuple[int, int]] = {
    errors.InvalidInput: (400, 101),
    errors.NotAuthenticated: (401, 102),
    errors.UnknownProfileKey: (403, 144),
    errors.PlanRequired: (403, 169),
    errors.AddOnRequired: (403, 361),
    errors.UnknownProfile: (404, 144),
    errors.UnknownAccount: (404, 144),
    errors.UnknownWebhook: (404, 404),
    errors.UnknownDelivery: (404, 404),
    errors.UnknownRecovery: (404, 404),
    errors.UnknownFeed: (404, 404),
    errors.TooManyProfiles: (409, 409),
    errors.StillOwed: (409, 409),
    errors.AttemptedTooOften: (409, 409),
    errors.TooManyRecoveries: (409, 409),
    errors.TooManyFeeds: (409, 409),
    errors.TooManyFeedsOfAccount: (409, 409),
    errors.KeyReplaced: (409, 409),
    errors.OldKeyStillValid: (409, 409),
    errors.IdempotencyConflict: (409, 409),
    errors.EventTooLarge: (413, 413),
    errors.TooManyCalls: (429, 429),
    errors.OutOfResources: (503, 503),
    errors.StorageUnavailable: (503, 503),
}

_HEADERS = {401: {"WWW-Authenticate": "Bearer"}, 503: {"Retry-After": "1"}}
_NO_ENDPOINT = "This endpoint does not exist"


def error_fields(error: errors.RingbackError) -> dict[str, Any]:
    """Return the fields of an error: `status`, `code`, `message` and, for bad input, `errors`."""
    _, code = STATUS_AND_CODE[type(error)]
    fields = {"status": "error", "code": code, "message": str(error)}
    if isinstance(error, errors.InvalidInput):
        fields["errors"] = error.errors
    return fields


def install_errors(app: Flask) -> None:
    """Make the application answer every error in the contract's shape."""

    @app.errorhandler(errors.RingbackError)
    def _business(error: errors.RingbackError) -> Response:
        status, _ = STATUS_AND_CODE[type(error)]
        answer = _answer(status, error_fields(error))
        if isinstance(error, errors.TooManyCalls):
            answer.headers["Retry-After"] = str(error.retry_after)
        return answer

    @app.errorhandler(HTTPException)
    def _http(error: HTTPException) -> Response:
        status = error.code or 500
        answer = _answer(status, {"status": "error", "code": status, "message": _message(error)})
        if "Allow" in (headers := dict(error.get_headers())):
            answer.headers["Allow"] = headers["Allow"]
        return answer

    @app.errorhandler(Exception)
    def _unexpected(error: Exception) -> Response:
        log.error("api.failed", endpoint=request.endpoint, exc_info=error)
        return _answer(500, {"status": "error", "code": 500, "message": "Something went wrong on our side."})


def _message(error: HTTPException) -> str | None:
    if isinstance(error, NotFound):
        return _NO_ENDPOINT
    if isinstance(error, RequestEntityTooLarge):
        return f"The body is longer than {request.max_content_length} bytes."
    return error.description


def _answer(status: int, fields: Mapping[str, Any]) -> Response:
    answer = jsonify({"action": request.blueprint or "request", **fields})
    answer.status_code = status
    answer.headers.update(_HEADERS.get(status, {}))
    return answer
