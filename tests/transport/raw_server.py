"""A TLS server that sends exactly what it is told, well-formed or not."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from pathlib import Path
from typing import Self


class RawServer:
    """Answers whatever it is sent with the same bytes.

    Args:
        certificate: PEM file of private key and chain; without one there is no TLS.
        hangs_up: whether it closes the connection then, or keeps it open in silence.

    Attributes:
        connections: how many have been accepted.
        tls: what it offers.
    """

    def __init__(self, answer: bytes, certificate: Path | None, hangs_up: bool = True) -> None:
        self.connections = 0
        self._answer = answer
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._encrypts = certificate is not None
        if certificate is not None:
            self.tls.load_cert_chain(certificate)
        self._hangs_up = hangs_up
        self._kept: list[socket.socket] = []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._run, name="raw-server", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._socket.close()
        for connection in self._kept:
            connection.close()

    @property
    def port(self) -> int:
        """Where it listens, on 127.0.0.1."""
        port: int = self._socket.getsockname()[1]
        return port

    def _run(self) -> None:
        with contextlib.suppress(OSError):  # it is closing
            while True:
                connection, _ = self._socket.accept()
                self.connections += 1
                with contextlib.suppress(OSError):  # the other side may hang up at any time
                    self._serve(connection)

    def _serve(self, connection: socket.socket) -> None:
        self._kept.append(connection)
        if self._encrypts:
            connection = self.tls.wrap_socket(connection, server_side=True)
            self._kept.append(connection)
        connection.recv(65_536)
        connection.sendall(self._answer)
        if self._hangs_up:
            connection.close()
