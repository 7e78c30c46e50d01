"""Idle connections: those on which nothing has come since the last answer."""

from __future__ import annotations

import select
from collections.abc import Iterable

from gunicorn.workers.gthread import TConn


def idle_among(connections: Iterable[TConn]) -> list[TConn]:
    """Return the connections whose callers have neither sent anything nor hung up since their last answers."""
    by_number = {one.sock.fileno(): one for one in connections}
    poll = select.poll()
    for number in by_number:
        poll.register(number, select.POLLIN)
    busy = {number for number, _ in poll.poll(0)}
    return [one for number, one in by_number.items() if number not in busy]
