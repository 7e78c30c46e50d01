"""A real HTTP server that answers a client as the test's script says, and keeps what it was sent."""

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


@dataclass(frozen=True)
class Call:
    """A request as it arrived."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body, decoded."""
        return json.loads(self.body)

    @property
    def events(self) -> list[dict[str, Any]]:
        """The events of a call with many."""
        return list(self.json["events"])


@dataclass(frozen=True)
class Answer:
    """What to answer; a body of bytes goes out as it is, and `None` is not even JSON."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


#: Reads the request and closes the connection: the answer is lost.
LOST = Answer(0)

Step: TypeAlias = Answer | Callable[[Call], Answer]


def receipt(event: Mapping[str, Any], **changes: Any) -> dict[str, Any]:
    """Return what the service answers to an event that it queues."""
    taken = {"status": "success", "action": event["action"], "refId": event["refId"], "state": "queued"}
    return {**taken, "hookId": "aB3dE6gH9jK2mN5pQ8sT", **changes}


def refuse(
    status: int,
    code: int,
    message: str,
    action: str = "events",
    headers: Mapping[str, str] | None = None,
    **fields: Any,
) -> Answer:
    """Return an error in the service's shape."""
    body = {"action": action, "status": "error", "code": code, "message": message}
    return Answer(status, {**body, **fields}, headers or {})


UNAVAILABLE = refuse(503, 503, "Storage cannot be reached.", headers={"Retry-After": "1"})
#: What the service says of every path that it has not.
NO_ENDPOINT = refuse(404, 404, "This endpoint does not exist", action="request")


def accept(call: Call) -> Answer:
    """Answer as the service does when all is well."""
    if "events" not in call.json:
        return Answer(202, receipt(call.json))
    items = [receipt(event) for event in call.events]
    return Answer(202, {"status": "success", "accepted": len(items), "rejected": 0, "events": items})


class ScriptedService:
    """Answers calls with the steps of the script, then with `accept`."""

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
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    @contextmanager
    def running(self) -> Iterator[ScriptedService]:
        """Serve in a thread for as long as the context lasts."""
        thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            thread.join()
            self._server.server_close()
