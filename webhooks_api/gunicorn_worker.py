"""gunicorn's threaded worker: a thread stays with its connection for a moment, and errors have our shape.

Left to itself it hands a connection back to its main thread after each request, which costs about as much as to
answer it. And it answers what is no HTTP request in HTML, and repeats there and in the log what it could not
read, which may hold a key.
"""

from __future__ import annotations

import json
import select
import socket
import threading
from contextlib import suppress
from http import HTTPStatus
from typing import Any

import structlog
from gunicorn.http import errors
from gunicorn.util import write_nonblock
from gunicorn.workers.gthread import TConn, ThreadWorker

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
    """Serves the application with a pool of threads.

    Attributes:
        stay: how long a thread stays with a connection that it has answered on, in seconds: callers who send one
            request after another need less. The others lose nothing, as half of the threads never stay.
    """

    stay = 0.02

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._may_stay = threading.Semaphore(self.cfg.threads // 2)

    def handle(self, conn: TConn) -> Any:
        """Answer a request, and those that follow it at once on its connection; returns what becomes of that."""
        while True:
            result = super().handle(conn)
            if result is not True or not self.alive or not self._is_followed(conn):
                return result

    def _is_followed(self, conn: TConn) -> bool:
        """Tell whether another request comes in a moment; False also if the main thread had better wait for it."""
        if not self._may_stay.acquire(blocking=False):
            return False
        try:
            poll = select.poll()
            poll.register(conn.sock, select.POLLIN)
            return bool(poll.poll(1000 * self.stay))
        finally:
            self._may_stay.release()

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
