"""How many threads and connections of an API process fit into its limit of open files."""

from __future__ import annotations

from dataclasses import dataclass

#: The maximum number of threads of a process, and of connections of its callers.
MAX_THREADS = 64
MAX_CONNECTIONS = 1000
#: Open files for everything except callers and threads: Celery, name servers, logs.
RESERVED = 32


@dataclass(frozen=True)
class ApiCapacity:
    """How much an API process may have at the same time.

    Attributes:
        threads: threads that answer requests.
        connections: connections of callers.
    """

    threads: int
    connections: int

    @property
    def is_full(self) -> bool:
        """Whether these limits are as high as an API process can use."""
        return self.connections >= MAX_CONNECTIONS


def api_capacity_within(open_files: int) -> ApiCapacity:
    """Return the limits that fit into this number of open files.

    A thread may have a connection to Redis and one to the broker.
    """
    threads = max(1, min(MAX_THREADS, open_files // 8))
    connections = min(MAX_CONNECTIONS, open_files - RESERVED - 2 * threads)
    return ApiCapacity(threads, max(2 * threads, connections))
