"""Free ports of this machine."""

from __future__ import annotations

import atexit
import random
import socket
from collections.abc import Sequence
from contextlib import ExitStack

#: Below the ports that Linux, macOS and the BSDs give to outgoing connections, so that no such connection takes
#: one.
PORTS = range(20_000, 32_768)
#: How many ports are tried.
MAX_TRIES = 100

_HOST = "127.0.0.1"
_reservations = ExitStack()
atexit.register(_reservations.close)


def free_port(among: Sequence[int] = PORTS) -> int:
    """Return a free port of 127.0.0.1 for a server that starts soon.

    No other caller, in any process, gets the same port: a UDP socket reserves it until this process ends.

    Raises:
        OSError: no free port was found.
    """
    for port in random.sample(among, min(MAX_TRIES, len(among))):
        reservation = socket.socket(type=socket.SOCK_DGRAM)
        try:
            reservation.bind((_HOST, port))
            with socket.socket() as probe:
                probe.bind((_HOST, port))
        except OSError:
            reservation.close()
        else:
            _reservations.enter_context(reservation)
            return port
    raise OSError(f"no free port of {_HOST} was found")
