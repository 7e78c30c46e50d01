"""The names of the bench's receivers, for a process that has no setting for a name server."""

from __future__ import annotations

import socket
from typing import Any

#: The domain of the receivers, all of which are this machine.
_DOMAIN = ".bench.example"


def know_names() -> None:
    """Let `getaddrinfo` answer for these names without a look-up, which is an advantage of the baseline."""
    system = socket.getaddrinfo

    def getaddrinfo(host: Any, *arguments: Any, **options: Any) -> Any:
        known = isinstance(host, str) and host.endswith(_DOMAIN)
        return system("127.0.0.1" if known else host, *arguments, **options)

    socket.getaddrinfo = getaddrinfo
