"""A server on this machine whose connections are served by a thread."""

from __future__ import annotations

import socket
import threading
from abc import ABC, abstractmethod
from typing import Self


class Loopback(ABC):
    """Listens on 127.0.0.1 for the duration of the block."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._run, name=type(self).__name__, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._socket.close()

    @property
    def port(self) -> int:
        """Its port."""
        port: int = self._socket.getsockname()[1]
        return port

    @abstractmethod
    def _run(self) -> None:
        """Accept and serve until the socket is shut down."""
