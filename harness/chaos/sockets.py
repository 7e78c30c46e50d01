"""Which process has a connection, from Linux's /proc."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple

_CONNECTED = "01"


class _Row(NamedTuple):
    """The used fields of a line of /proc/net/tcp."""

    local: str
    remote: str
    state: str
    socket: str


def process_at_port(port: int, pids: Iterable[int]) -> int | None:
    """Return which of these processes has the connection from this local port; None if none has it."""
    sockets = _sockets(lambda row: _port(row.local) == port)
    for pid in pids:
        if sockets & _sockets_of(pid):
            return pid
    return None


def is_connected(pid: int, port: int) -> bool:
    """Return whether a process has a connection to this port."""
    return bool(_sockets(lambda row: _port(row.remote) == port) & _sockets_of(pid))


def children(pid: int) -> list[int]:
    """Return the processes that a process has started."""
    with suppress(OSError):
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []


def _sockets(condition: Callable[[_Row], bool]) -> set[str]:
    """Return the sockets of all connections for which `condition` holds."""
    rows = (
        _Row(*itemgetter(1, 2, 3, 9)(line.split())) for line in Path("/proc/net/tcp").read_text().splitlines()[1:]
    )
    return {row.socket for row in rows if row.state == _CONNECTED and condition(row)}


def _port(address: str) -> int:
    return int(address.rpartition(":")[2], 16)


def _sockets_of(pid: int) -> set[str]:
    inodes = set()
    with suppress(OSError):
        for descriptor in Path(f"/proc/{pid}/fd").iterdir():
            with suppress(OSError):
                inodes.add(str(descriptor.readlink()).removeprefix("socket:[").removesuffix("]"))
    return inodes
