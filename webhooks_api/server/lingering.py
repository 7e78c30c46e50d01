"""Lingering: closing connections whose callers may still be sending or reading, without blocking a thread.

Closing one at once could revoke its last answer: if unread data has arrived, the kernel resets the connection (RFC
9112, section 9.6), which a proxy treats as a failure of the whole server. So data that still arrives is read and
discarded. gunicorn would wait for one caller after another, and block all others.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from math import inf
from selectors import EVENT_READ, BaseSelector

#: Seconds for which a caller may be silent before the connection is closed.
PATIENCE = 2.0
#: The limits of the seconds in total, and of the bytes that are discarded: a bit more than the longest accepted
#: body, that of a batch of events.
LONGEST = 30.0
MAX_BYTES = 6_000_000
#: Bytes that are read at once; other connections are served in between.
_PIECE = 65_536


@dataclass
class _Remainder:
    """The rest of a connection's life.

    Attributes:
        since: when its last answer was sent, by the monotonic clock.
        heard: when data last arrived.
    """

    since: float
    heard: float
    bytes_left: int = MAX_BYTES

    def is_overdue(self, now: float) -> bool:
        """Report whether the caller has taken too long."""
        return now > min(self.heard + PATIENCE, self.since + LONGEST)


class Lingering:
    """Connections whose last answer has been sent.

    Args:
        poller: calls the callback of a connection when data has arrived.
        on_close: called for each connection that is closed.
    """

    def __init__(self, poller: BaseSelector, on_close: Callable[[], None]) -> None:
        self._poller = poller
        self._on_close = on_close
        self._remainders: dict[socket.socket, _Remainder] = {}
        self._scrap = bytearray(_PIECE)

    def begin(self, connection: socket.socket) -> None:
        """Shut down the sending side; the connection is closed when the caller closes it, or after a timeout."""
        try:
            connection.shutdown(socket.SHUT_WR)
            connection.setblocking(False)
            self._poller.register(connection, EVENT_READ, self._read)
        except (OSError, ValueError):  # the caller has closed it
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
        """When the oldest connection was added, by the monotonic clock; infinity if there is none."""
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
