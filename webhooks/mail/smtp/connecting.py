"""Connecting to a host before a deadline, including the look-up of its name."""

from __future__ import annotations

import errno
import os
import socket
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from time import monotonic
from typing import Any

from webhooks.http.shortages import has_source_address

#: Seconds that connecting to one address may take.
CONNECT_TIMEOUT = 10.0

#: The family and the address of a socket.
SocketAddress = tuple[socket.AddressFamily, Any]
#: Takes a host and a port.
LookUp = Callable[[str, int], Sequence[SocketAddress]]


def socket_addresses(host: str, port: int) -> Sequence[SocketAddress]:
    """Return the addresses of a host, looked up by the system: hosts file, search domains, DNS.

    Raises:
        OSError: the name is not known.
    """
    return [(family, address) for family, *_, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def connect_to(
    host: str,
    port: int,
    deadline: float,
    look_up: LookUp = socket_addresses,
    connect_timeout: float = CONNECT_TIMEOUT,
) -> socket.socket:
    """Return a connection to the first address of a host that accepts one.

    Args:
        deadline: a moment of `time.monotonic`.
        connect_timeout: seconds that connecting to one address may take.

    Raises:
        TimeoutError: there is no connection by the deadline.
        OSError: the name is unknown, or no address accepts a connection; the error of the last address.
    """
    failure = OSError("a name without addresses")
    for family, address in _looked_up(look_up, host, port, deadline):
        try:
            return _connected(family, address, deadline, connect_timeout)
        except OSError as error:
            failure = error
            if error.errno == errno.EADDRNOTAVAIL and not has_source_address(family, address):
                failure = OSError(errno.ENETUNREACH, os.strerror(errno.ENETUNREACH))
    raise failure


def _looked_up(look_up: LookUp, host: str, port: int, deadline: float) -> Sequence[SocketAddress]:
    """Look up in a separate thread, as the system's look-up has no deadline; a slow one ends later, unused."""
    found: Future[Sequence[SocketAddress]] = Future()

    def run() -> None:
        try:
            found.set_result(look_up(host, port))
        except OSError as error:
            found.set_exception(error)
        except UnicodeError as error:  # a malformed name, such as `mail..example.com`
            found.set_exception(OSError(str(error)))

    try:
        threading.Thread(target=run, name="smtp-look-up", daemon=True).start()
    except RuntimeError as error:  # no more threads can be started
        raise OSError(errno.ENOMEM, str(error)) from error
    return found.result(_left(deadline))


def _connected(family: socket.AddressFamily, address: Any, deadline: float, timeout: float) -> socket.socket:
    connection = socket.socket(family, socket.SOCK_STREAM)
    try:
        connection.settimeout(min(timeout, _left(deadline)))
        connection.connect(address)
    except OSError:
        connection.close()
        raise
    return connection


def _left(deadline: float) -> float:
    if (left := deadline - monotonic()) <= 0:
        raise TimeoutError
    return left
