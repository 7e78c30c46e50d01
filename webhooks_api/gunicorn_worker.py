"""gunicorn's threaded worker, which answers what is no HTTP request in the shape of every other error.

Left to itself it answers in HTML, and repeats there and in the log what it could not read, which may hold a key.
"""

from __future__ import annotations

import json
import socket
from contextlib import suppress
from http import HTTPStatus
from typing import Any

import structlog
from gunicorn.http import errors
from gunicorn.util import write_nonblock
from gunicorn.workers.gthread import ThreadWorker

from webhooks_api.security_headers import SECURITY_HEADERS

#: What is not in the table is 400.
_STATUSES = {
    errors.LimitRequestLine: HTTPStatus.REQUEST_URI_TOO_LONG,
    errors.LimitRequestHeaders: HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
    errors.ExpectationFailed: HTTPStatus.EXPECTATION_FAILED,
    errors.UnsupportedTransferCoding: HTTPStatus.NOT_IMPLEMENTED,
}
_OUR_FAULTS = (errors.InvalidResponseHeader, errors.InvalidResponseHeaderName, errors.ConfigurationProblem)

log = structlog.get_logger()


class Worker(ThreadWorker):
    """Serves the application with a pool of threads."""

    def handle_error(self, req: Any, client: socket.socket, addr: Any, exc: Exception) -> None:
        """Answer a request that could not be read; gunicorn closes the connection then."""
        if not isinstance(exc, errors.ParseException) or isinstance(exc, _OUR_FAULTS):
            super().handle_error(req, client, addr, exc)
            return
        status = _STATUSES.get(type(exc), HTTPStatus.BAD_REQUEST)
        log.info("api.unreadable", reason=type(exc).__name__, status=status.value)
        with suppress(OSError):  # the caller has gone
            write_nonblock(client, _answer(status))


def _answer(status: HTTPStatus) -> bytes:
    fields = {"action": "request", "status": "error", "code": status.value, "message": f"{status.description}."}
    body = json.dumps(fields, separators=(",", ":"))
    headers = SECURITY_HEADERS | {
        "Connection": "close",
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
    }
    lines = [f"HTTP/1.1 {status.value} {status.phrase}", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", body]).encode()
