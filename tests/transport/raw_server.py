"""A TLS server that sends exactly the given bytes, well-formed or not."""

from __future__ import annotations

import contextlib
import socket
import ssl
from pathlib import Path

from transport.loopback import Loopback


class RawServer(Loopback):
    """Answers everything with the same bytes.

    Args:
        certificate: PEM file of private key and chain; None for a server without TLS.
        hangs_up: whether it closes the connection after the answer, or keeps it open in silence.

    Attributes:
        connections: the number of accepted connections.
        requests: the first bytes that each of them received.
        tls: its TLS context.
    """

    def __init__(self, answer: bytes, certificate: Path | None, hangs_up: bool = True) -> None:
        super().__init__()
        self.connections = 0
        self.requests: list[bytes] = []
        self._answer = answer
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._encrypts = certificate is not None
        if certificate is not None:
            self.tls.load_cert_chain(certificate)
        self._hangs_up = hangs_up
        self._kept: list[socket.socket] = []

    def __exit__(self, *_: object) -> None:
        super().__exit__()
        for connection in self._kept:
            connection.close()

    def _run(self) -> None:
        with contextlib.suppress(OSError):  # it is closing
            while True:
                connection, _ = self._socket.accept()
                self.connections += 1
                with contextlib.suppress(OSError):  # the client may hang up at any time
                    self._serve(connection)

    def _serve(self, connection: socket.socket) -> None:
        self._kept.append(connection)
        if self._encrypts:
            connection = self.tls.wrap_socket(connection, server_side=True)
            self._kept.append(connection)
        self.requests.append(connection.recv(65_536))
        connection.sendall(self._answer)
        if self._hangs_up:
            connection.close()
