"""How many calls and connections fit into a worker's limit of open files."""

from __future__ import annotations

from msgspec import Struct

from webhooks.admission.thresholds import MAX_CALLS, MAX_CONNECTIONS

#: Open files for everything else: Redis, Celery, name servers, the SMTP server, and the pipes of the feed reader.
RESERVED = 64
#: Connections beyond the calls in flight: feeds are fetched without a slot.
BESIDE_CALLS = 20


class ProcessLimits(Struct, frozen=True):
    """How much a worker may have at the same time.

    Attributes:
        calls: deliveries that are in flight.
        connections: open connections, idle ones included.
    """

    calls: int = MAX_CALLS
    connections: int = MAX_CONNECTIONS

    @property
    def is_full(self) -> bool:
        """Whether these limits are as high as a worker can use."""
        return self.calls >= MAX_CALLS


def process_limits_within(open_files: int) -> ProcessLimits:
    """Return the limits that fit into this number of open files.

    A fifth of the files is left for second sockets: libcurl tries IPv4 and IPv6 at the same time while it
    connects.
    """
    sockets = max(0, open_files - RESERVED)
    calls = max(1, min(MAX_CALLS, sockets * 2 // 5))
    return ProcessLimits(calls, max(calls + BESIDE_CALLS, min(MAX_CONNECTIONS, sockets * 4 // 5)))
