"""A server that accepts connections and never answers."""

from __future__ import annotations

import socket
from typing import Self


class SilentServer:
    """Listens on this machine. A context manager.

    Attributes:
        port: its port.
    """

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._socket.setblocking(False)
        self.port: int = self._socket.getsockname()[1]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the port."""
        self._socket.close()

    def connections(self) -> int:
        """Return the number of connections since the last call. A client that waited in vain connects again."""
        count = 0
        while True:
            try:
                connection, _ = self._socket.accept()
            except BlockingIOError:
                return count
            connection.close()
            count += 1
