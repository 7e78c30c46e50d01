"""How many threads and connections of a process of the API fit into its open files."""

from __future__ import annotations

from dataclasses import dataclass

#: Threads of a process, and connections of its callers.
MAX_THREADS = 64
MAX_CONNECTIONS = 1000
#: Open files for everything but callers and threads: Celery, name servers, logs.
RESERVED = 32


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
    """Return what fits into this number of open files.

    A thread may have a connection to Redis and one to the broker.
    """
    threads = max(1, min(MAX_THREADS, open_files // 8))
    connections = min(MAX_CONNECTIONS, open_files - RESERVED - 2 * threads)
    return ApiCapacity(threads, max(2 * threads, connections))
