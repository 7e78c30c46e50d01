"""The names of the bench's receivers, for a process that has no setting for a name server."""

from __future__ import annotations

import socket
from typing import Any

#: The domain of `harness.bench.name_server`, all of which is this machine.
_DOMAIN = ".bench.example"


def know_names() -> None:
    """Let `getaddrinfo` answer for these names itself: a look-up then costs nothing, which is to our advantage."""
    system = socket.getaddrinfo

    def getaddrinfo(host: Any, *arguments: Any, **options: Any) -> Any:
        known = isinstance(host, str) and host.endswith(_DOMAIN)
        return system("127.0.0.1" if known else host, *arguments, **options)

    socket.getaddrinfo = getaddrinfo
