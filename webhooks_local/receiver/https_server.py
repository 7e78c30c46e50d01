"""A small HTTPS server that closes promptly whatever its connections are doing."""

from __future__ import annotations

import contextlib
import errno
import socket
import socketserver
import ssl
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

_HANDSHAKE_SECONDS = 10.0


class HttpsServer(ThreadingHTTPServer):
    """Serves each connection in a thread of its own, the TLS handshake included.

    Args:
        address: host and port to listen on; port 0 for a free one.
        handler: the class that answers, a `HttpsHandler`.
        certificate: PEM file of private key and chain.

    Raises:
        OSError: the address cannot be listened on, or the certificate not be read.
    """

    daemon_threads = True
    request_queue_size = 1024

    def __init__(self, address: tuple[str, int], handler: type[HttpsHandler], certificate: Path) -> None:
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.tls.load_cert_chain(certificate)
        self.closing = threading.Event()
        self._open: set[ssl.SSLSocket] = set()
        self._changed = threading.Condition()
        super().__init__(address, handler)
        self._thread = threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True)

    def server_bind(self) -> None:
        """Bind, without the base class' search for a host name, which can take seconds."""
        host, port = self.server_address[:2]
        try:
            socketserver.TCPServer.server_bind(self)
        except OSError as error:
            missing = sys.platform == "darwin" and error.errno == errno.EADDRNOTAVAIL
            hint = f" (first: sudo ifconfig lo0 alias {host!s})" if missing else ""
            raise OSError(f"cannot listen on {host!s}, port {port}: {error.strerror}{hint}") from error
        self.server_name, self.server_port = self.server_address[0], self.server_address[1]  # type: ignore[assignment]

    def start(self) -> None:
        """Accept connections from now on, in the background."""
        self._thread.start()

    def close(self) -> None:
        """Stop accepting, end every connection and wait until their threads have let go."""
        with self._changed:
            self.closing.set()
        self.shutdown()
        self._thread.join()
        self.server_close()
        with self._changed:
            for connection in self._open:
                with contextlib.suppress(OSError):  # the other side may have been first
                    # The plain socket's: the TLS object's own would pull it from under its thread.
                    socket.socket.shutdown(connection, socket.SHUT_RDWR)
            self._changed.wait_for(lambda: not self._open, timeout=2.0)

    def opened(self, connection: ssl.SSLSocket) -> None:
        """Note a connection, to be ended when the server closes.

        Raises:
            ConnectionAbortedError: the server is closing already.
        """
        with self._changed:
            self._open.add(connection)
            if self.closing.is_set():
                raise ConnectionAbortedError

    def ended(self, connection: ssl.SSLSocket) -> None:
        """Close a connection and forget it."""
        connection.close()
        with self._changed:
            self._open.discard(connection)
            self._changed.notify_all()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of connections that break, which is their business; report everything else."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class HttpsHandler(BaseHTTPRequestHandler):
    """One connection: HTTP/1.1, kept alive, silent."""

    server: HttpsServer
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 1 << 16  # so that headers and body leave together

    def setup(self) -> None:
        """Put TLS around the connection."""
        self.request.settimeout(_HANDSHAKE_SECONDS)
        self.request = self.server.tls.wrap_socket(self.request, server_side=True, do_handshake_on_connect=False)
        try:
            self.server.opened(self.request)
            self.request.do_handshake()
        except OSError:
            self.server.ended(self.request)
            raise
        self.request.settimeout(None)
        super().setup()

    def finish(self) -> None:
        """Close the connection."""
        try:
            super().finish()
        finally:
            self.server.ended(self.request)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class' name
        """Print nothing."""
