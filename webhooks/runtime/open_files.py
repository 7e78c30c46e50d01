"""How many files a process may have open. Each of its sockets is one."""

from __future__ import annotations

import resource
from contextlib import suppress

#: Stands for a limit that the system does not set.
UNLIMITED = 2**31 - 1


def allow_many_open_files() -> int:
    """Raise the process' own limit to the system's limit for it; returns the limit that applies then."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(ValueError, OSError):  # where that is not allowed, the limit stays
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        soft = hard
    return UNLIMITED if soft == resource.RLIM_INFINITY else soft
