"""How many files a process may have open; each of its sockets is one."""

from __future__ import annotations

import resource
from contextlib import suppress
from dataclasses import dataclass

#: For a limit that the system does not set.
UNLIMITED = 2**31 - 1
#: Threads and callers' connections of a process of the API at most.
MAX_THREADS = 64
MAX_CONNECTIONS = 1000
#: Open files of such a process for all but its callers and its threads: Celery, name servers, logs.
RESERVED = 32


def allow_many_open_files() -> int:
    """Raise the process' own limit to the one that the system sets it; returns the limit that holds then."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(ValueError, OSError):  # where it may not, the limit stays
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        soft = hard
    return UNLIMITED if soft == resource.RLIM_INFINITY else soft


@dataclass(frozen=True)
class ApiCapacity:
    """What a process of the API may have at the same time.

    Attributes:
        threads: that answer requests.
        connections: of callers.
    """

    threads: int
    connections: int

    @property
    def is_full(self) -> bool:
        """Whether it is as much as such a process can use."""
        return self.connections >= MAX_CONNECTIONS


def api_capacity_within(open_files: int) -> ApiCapacity:
    """Return what fits into so many open files. A thread may have a connection to Redis and one to the broker."""
    threads = max(1, min(MAX_THREADS, open_files // 8))
    connections = min(MAX_CONNECTIONS, open_files - RESERVED - 2 * threads)
    return ApiCapacity(threads, max(2 * threads, connections))
