"""Lingering: closing connections whose callers may still be sending or reading, without blocking a thread.

Closing one at once could revoke its last answer: if data has arrived that was not read, the kernel
resets the connection (RFC 9112, section 9.6). A proxy takes that for a failure of the whole server. So what still
comes is read and thrown away. gunicorn waits for each caller by itself, and all others with it.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from math import inf
from selectors import EVENT_READ, BaseSelector

#: Seconds for which a caller may be silent before it hangs up.
PATIENCE = 2.0
#: Seconds that it has in all, and bytes that it may send meanwhile: those of the longest body that is ever taken,
#: that of a batch of events, and some more.
LONGEST = 30.0
MAX_BYTES = 6_000_000
#: Bytes that are read at once, so that everybody else has a turn in between.
_PIECE = 65_536


@dataclass
class _Remainder:
    """What a connection is still given.

    Attributes:
        since: when it had its last answer, by the monotonic clock.
        heard: when something came last.
    """

    since: float
    heard: float
    bytes_left: int = MAX_BYTES

    def is_overdue(self, now: float) -> bool:
        """Report whether it has taken too long."""
        return now > min(self.heard + PATIENCE, self.since + LONGEST)


class Lingering:
    """Connections that have had their last answer.

    Args:
        poller: calls what a connection is registered with when something has come.
        on_close: called for each connection that is closed.
    """

    def __init__(self, poller: BaseSelector, on_close: Callable[[], None]) -> None:
        self._poller = poller
        self._on_close = on_close
        self._remainders: dict[socket.socket, _Remainder] = {}
        self._scrap = bytearray(_PIECE)

    def begin(self, connection: socket.socket) -> None:
        """End the sending side; the connection is closed when the caller hangs up, or after a while."""
        try:
            connection.shutdown(socket.SHUT_WR)
            connection.setblocking(False)
            self._poller.register(connection, EVENT_READ, self._read)
        except (OSError, ValueError):  # it has hung up
            self._close(connection)
            return
        now = time.monotonic()
        self._remainders[connection] = _Remainder(now, now)

    def end_overdue(self) -> None:
        """Close the connections whose callers have taken too long."""
        now = time.monotonic()
        for connection in [one for one, left in self._remainders.items() if left.is_overdue(now)]:
            self._end(connection)

    @property
    def oldest(self) -> float:
        """Since when the oldest connection has been here, by the monotonic clock; infinity if there is none."""
        return next((left.since for left in self._remainders.values()), inf)

    def end_oldest(self) -> None:
        """Close the oldest connection, if there is one."""
        for connection in list(self._remainders)[:1]:
            self._end(connection)

    def _read(self, connection: socket.socket) -> None:
        try:
            count = connection.recv_into(self._scrap)
        except OSError:
            count = 0
        left = self._remainders[connection]
        left.bytes_left -= count
        left.heard = time.monotonic()
        if count == 0 or left.bytes_left <= 0:
            self._end(connection)

    def _end(self, connection: socket.socket) -> None:
        del self._remainders[connection]
        self._poller.unregister(connection)
        self._close(connection)

    def _close(self, connection: socket.socket) -> None:
        with suppress(OSError):
            connection.close()
        self._on_close()
