"""An HTTPS endpoint that passes each call to a function and sends the reply that it returns."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Self

from webhooks_local.receiver.behaviours import Reply, give
from webhooks_local.receiver.calls import Call
from webhooks_local.receiver.https_server import HttpsHandler, HttpsServer


class Endpoint:
    """Accepts calls while its context is entered.

    Args:
        certificate: PEM file of private key and chain.
        host: the address to listen on.
        port: the port to listen on; 0 for a free one.
        respond: returns the reply to a call; it runs in the thread of the connection.

    Raises:
        OSError: the server cannot listen on the address, or the certificate cannot be read.
    """

    def __init__(self, certificate: Path, host: str, port: int, respond: Callable[[Call], Reply]) -> None:
        self._server = HttpsServer((host, port), _handler_for(respond), certificate)

    def __enter__(self) -> Self:
        self._server.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._server.close()

    def url(self, path: str) -> str:
        """Return the URL of `path`, which begins with a slash."""
        host, port = self._server.server_address[:2]
        return f"https://{host!s}:{port}{path}"


def _handler_for(respond: Callable[[Call], Reply]) -> type[HttpsHandler]:
    class Handler(HttpsHandler):
        def do_POST(self) -> None:  # noqa: N802 - the base class' name
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            call = Call(self.path, self.command, self.headers.items(), body, received=time.time())
            give(respond(call), self, self.server.closing)

        do_GET = do_HEAD = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = do_POST

    return Handler
