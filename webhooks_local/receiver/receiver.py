"""The receiver itself: it answers by the path, and keeps every call."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Self

from webhooks_local.certificates import RECEIVER_HOST, ensure_certificates
from webhooks_local.receiver.behaviours import Situation, answer
from webhooks_local.receiver.calls import Call
from webhooks_local.receiver.https_server import HttpsHandler, HttpsServer


class Receiver:
    """Answers by the first segment of the path, and keeps every call.

    `/ok/…`, `/status/<code>/…`, `/fail/<n>/…`, `/hang/…`, `/drip/…`, `/redirect/…` and `/close/…` are
    described in behaviours.py; the rest of a path makes it one's own, so that many live side by side.

    Args:
        certificate: PEM file of private key and chain.
        host: the address to listen on.
        port: the port to listen on; 0 for a free one.
        on_call: called with each call once it was read and before it is answered, in the connection's thread.

    Raises:
        OSError: the address cannot be listened on, or the certificate not be read.
    """

    def __init__(
        self,
        certificate: Path,
        host: str = "127.0.0.1",
        port: int = 0,
        on_call: Callable[[Call], None] | None = None,
    ) -> None:
        self._calls: list[Call] = []
        self._by_path: defaultdict[str, list[Call]] = defaultdict(list)
        self._came = threading.Condition()
        self._on_call = on_call
        self._server = HttpsServer((host, port), _handler_for(self), certificate)

    def __enter__(self) -> Self:
        self._server.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._server.close()

    def url(self, path: str) -> str:
        """Return the URL of `path`, which begins with a slash."""
        host, port = self._server.server_address[:2]
        return f"https://{host!s}:{port}{path}"

    def calls(self, path: str | None = None) -> list[Call]:
        """Return the calls that `path` has had so far, or all of them, oldest first."""
        with self._came:
            return list(self._calls if path is None else self._by_path[path])

    def wait_for(self, path: str, count: int, deadline_seconds: float) -> list[Call]:
        """Return the calls of `path` as soon as there are `count` or more.

        Raises:
            TimeoutError: there are fewer after `deadline_seconds`; the message says what came.
        """
        with self._came:
            if self._came.wait_for(lambda: len(self._by_path[path]) >= count, deadline_seconds):
                return self.calls(path)
        came = ", ".join(f"{call.method} {call.path}" for call in self.calls()) or "nothing"
        raise TimeoutError(
            f"{len(self.calls(path))} of {count} calls of {path} in {deadline_seconds} s; came: {came}"
        )

    def record(self, call: Call) -> int:
        """Keep a call, and return how many its path has had by now. For the handler below."""
        with self._came:
            self._calls.append(call)
            self._by_path[call.path].append(call)
            self._came.notify_all()
            count = len(self._by_path[call.path])
        if self._on_call is not None:
            self._on_call(call)
        return count


def _handler_for(receiver: Receiver) -> type[HttpsHandler]:
    class Handler(HttpsHandler):
        def do_POST(self) -> None:  # noqa: N802 - the base class' name
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            call = Call(self.path, self.command, self.headers.items(), body, received=time.time())
            count = receiver.record(call)
            behaviour, *segments = self.path.partition("?")[0].lstrip("/").split("/")
            answer(Situation(self, segments, count, self.server.closing), behaviour)

        do_GET = do_HEAD = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = do_POST

    return Handler


def open_on_this_machine(port: int = 0, on_call: Callable[[Call], None] | None = None) -> Receiver:
    """Return a receiver at the one address that `make run` allows, with the certificate that it trusts.

    Raises:
        OSError: the port is taken or the address is not there; the message says what to do.
    """
    certificate = ensure_certificates(Path("var")).receiver
    try:
        return Receiver(certificate, RECEIVER_HOST, port, on_call)
    except OSError as error:
        hint = f" (first: sudo ifconfig lo0 alias {RECEIVER_HOST})" if sys.platform == "darwin" else ""
        raise OSError(
            f"cannot listen on {RECEIVER_HOST}, port {port}: {os.strerror(error.errno or 0)}{hint}"
        ) from error
