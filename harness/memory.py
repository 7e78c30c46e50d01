"""How much memory a process holds, as Linux tells in /proc."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path


def resident_bytes(pid: int) -> int:
    """Return how much memory a process holds (RSS); 0 when it is gone."""
    with suppress(OSError):
        found = re.search(r"^VmRSS:\s+(\d+) kB$", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
        return int(found[1]) * 1024 if found else 0
    return 0
