"""A real HTTP server that answers a client as the test's script says, and stores the calls it received."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, TypeAlias

REF_ID = "140b8700bd6ade089b242d845e268fb886130c53"
KEY = "rb_producer_7Hq2mXs9"
EVENT = {
    "action": "social",
    "refId": REF_ID,
    "type": "link",
    "platform": "linkedin",
    "displayName": "Bäckerei 🥖",
}


@dataclass(frozen=True)
class Call:
    """A request as received."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)

    @property
    def events(self) -> list[dict[str, Any]]:
        """The events of a batch."""
        return list(self.json["events"])

    @property
    def keys(self) -> list[str]:
        """The idempotency keys of a batch."""
        return [event["idempotencyKey"] for event in self.events]


@dataclass(frozen=True)
class Answer:
    """What to answer. A body of bytes is sent as it is; `None` sends HTML."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


#: Reads the request and closes the connection, as if the answer was lost.
LOST = Answer(0)

Step: TypeAlias = Answer | Callable[[Call], Answer]


def receipt(event: Mapping[str, Any], **changes: Any) -> dict[str, Any]:
    """Return the service's answer to an event that it queues."""
    queued = {"status": "success", "action": event["action"], "refId": event["refId"], "state": "queued"}
    return {**queued, "hookId": "aB3dE6gH9jK2mN5pQ8sT", **changes}


def refuse(
    status: int,
    code: int,
    message: str,
    action: str = "events",
    headers: Mapping[str, str] | None = None,
    **fields: Any,
) -> Answer:
    """Return an error in the shape of the service."""
    body = {"action": action, "status": "error", "code": code, "message": message}
    return Answer(status, {**body, **fields}, headers or {})


UNAVAILABLE = refuse(503, 503, "Storage cannot be reached.", headers={"Retry-After": "1"})
#: The service's answer to an unknown path.
NO_ENDPOINT = refuse(404, 404, "This endpoint does not exist", action="request")
#: The result of an invalid event in a batch, and the answer to a call with that event alone.
INVALID = {"status": "error", "code": 101, "message": "Bad.", "errors": {"type": ["Must be one of: link."]}}
REFUSED = refuse(400, 101, "Bad.", errors=INVALID["errors"])


def numbered(count: int, **fields: Any) -> list[dict[str, Any]]:
    """Return events that differ in their `number`."""
    return [{**EVENT, "number": number, **fields} for number in range(count)]


def accept(call: Call) -> Answer:
    """Answer as the service does when it accepts everything."""
    if "events" not in call.json:
        return Answer(202, receipt(call.json))
    items = [receipt(event) for event in call.events]
    return Answer(202, {"status": "success", "accepted": len(items), "rejected": 0, "events": items})


class ScriptedService:
    """Answers calls with the steps of its script, then with `accept`."""

    def __init__(self) -> None:
        self.script: deque[Step] = deque()
        self.calls: list[Call] = []
        service = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _respond(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                call = Call(self.command, self.path, dict(self.headers), body)
                service.calls.append(call)
                step = service.script.popleft() if service.script else accept
                self._write(step(call) if callable(step) else step)

            def _write(self, answer: Answer) -> None:
                if answer is LOST:
                    self.close_connection = True
                    return
                body = b"<html>" if answer.body is None else answer.body
                body = body if isinstance(body, bytes) else json.dumps(body).encode()
                self.send_response(answer.status)
                for name, value in {**answer.headers, "Content-Length": str(len(body))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = do_PATCH = do_DELETE = _respond

            def log_message(self, *_: object) -> None:
                """Log nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    @contextmanager
    def running(self) -> Iterator[ScriptedService]:
        """Serve in a thread until the context ends."""
        thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            thread.join()
            self._server.server_close()
