"""The clock of this machine, for what is written beside the ledger; the ledger has its own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

#: Tells the time; tests hand in their own.
Now = Callable[[], datetime]


def utc_now() -> datetime:
    """Return the current moment in UTC."""
    return datetime.now(UTC)
