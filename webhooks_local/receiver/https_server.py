"""A small HTTPS server that closes at once, even while its connections hang."""

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
    """Serves each connection in its own thread, including the TLS handshake.

    Args:
        address: host and port to listen on; port 0 for a free one.
        handler: the `HttpsHandler` that answers.
        certificate: PEM file of private key and chain.

    Raises:
        OSError: the server cannot listen on the address, or the certificate cannot be read.
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
        """Bind without the look-up of a host name that the base class makes, which can take seconds."""
        host, port = self.server_address[:2]
        try:
            socketserver.TCPServer.server_bind(self)
        except OSError as error:
            missing = sys.platform == "darwin" and error.errno == errno.EADDRNOTAVAIL
            hint = f" (first: sudo ifconfig lo0 alias {host!s})" if missing else ""
            raise OSError(f"cannot listen on {host!s}, port {port}: {error.strerror}{hint}") from error
        self.server_name, self.server_port = self.server_address[0], self.server_address[1]  # type: ignore[assignment]

    def start(self) -> None:
        """Accept connections in the background."""
        self._thread.start()

    def close(self) -> None:
        """Stop accepting connections, end all of them and wait for their threads."""
        with self._changed:
            self.closing.set()
        self.shutdown()
        self._thread.join()
        self.server_close()
        with self._changed:
            for connection in self._open:
                with contextlib.suppress(OSError):  # the other side may have closed it
                    # The method of the plain socket: that of the TLS object would remove the TLS state that the
                    # thread of the connection is using.
                    socket.socket.shutdown(connection, socket.SHUT_RDWR)
            self._changed.wait_for(lambda: not self._open, timeout=2.0)

    def opened(self, connection: ssl.SSLSocket) -> None:
        """Register a connection, which ends when the server closes.

        Raises:
            ConnectionAbortedError: the server is closing already.
        """
        with self._changed:
            self._open.add(connection)
            if self.closing.is_set():
                raise ConnectionAbortedError

    def ended(self, connection: ssl.SSLSocket) -> None:
        """Close a connection and unregister it."""
        connection.close()
        with self._changed:
            self._open.discard(connection)
            self._changed.notify_all()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Report all errors but those of broken connections, which are expected."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class HttpsHandler(BaseHTTPRequestHandler):
    """One connection: HTTP/1.1 with keep-alive, without logging."""

    server: HttpsServer
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 1 << 16  # so that headers and body are sent in one packet

    def setup(self) -> None:
        """Start TLS on the connection."""
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
