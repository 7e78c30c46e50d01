"""A place that takes calls over HTTPS and answers each as it is told."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Self

from webhooks_local.receiver.behaviours import Reply, give
from webhooks_local.receiver.calls import Call
from webhooks_local.receiver.https_server import HttpsHandler, HttpsServer


class Endpoint:
    """Takes calls from entering to leaving it.

    Args:
        certificate: PEM file of private key and chain.
        host: the address to listen on.
        port: the port to listen on; 0 for a free one.
        respond: is given each call once it was read, in the connection's thread, and returns the reply.

    Raises:
        OSError: the address cannot be listened on, or the certificate not be read.
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
