"""Lingering: closing connections whose callers may still be sending or reading, and holding up nobody meanwhile.

To close one at once could take its last answer back: where something has come that nobody has read, the kernel
resets the connection (RFC 9112, section 9.6). gunicorn waits for each caller by itself, and all others with it.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from contextlib import suppress
from selectors import EVENT_READ, BaseSelector

#: Seconds that a caller has to hang up, and bytes that it may send meanwhile.
PATIENCE = 2.0
MOST_BYTES = 65_536


class Lingering:
    """Connections that have had their last answer.

    Args:
        poller: calls what a connection is registered with when something has come.
        on_close: called for each connection that is closed.
    """

    def __init__(self, poller: BaseSelector, on_close: Callable[[], None]) -> None:
        self._poller = poller
        self._on_close = on_close
        self._deadlines: dict[socket.socket, float] = {}
        self._bytes_left: dict[socket.socket, int] = {}

    def begin(self, connection: socket.socket) -> None:
        """Tell the caller that nothing more comes; the connection is closed when it hangs up, or after a while."""
        try:
            connection.shutdown(socket.SHUT_WR)
            connection.setblocking(False)
            self._poller.register(connection, EVENT_READ, self._read)
        except (OSError, ValueError):  # it has hung up
            self._close(connection)
            return
        self._deadlines[connection] = time.monotonic() + PATIENCE
        self._bytes_left[connection] = MOST_BYTES

    def end_overdue(self) -> None:
        """Close the connections whose callers have taken too long."""
        now = time.monotonic()
        for connection in [one for one, deadline in self._deadlines.items() if deadline < now]:
            self._end(connection)

    def _read(self, connection: socket.socket) -> None:
        try:
            count = len(connection.recv(MOST_BYTES))
        except OSError:
            count = 0
        self._bytes_left[connection] -= count
        if count == 0 or self._bytes_left[connection] <= 0:
            self._end(connection)

    def _end(self, connection: socket.socket) -> None:
        del self._deadlines[connection], self._bytes_left[connection]
        self._poller.unregister(connection)
        self._close(connection)

    def _close(self, connection: socket.socket) -> None:
        with suppress(OSError):
            connection.close()
        self._on_close()
