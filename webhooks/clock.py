"""The clock of this machine, for times outside the ledger; the ledger uses the clock of Redis."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

#: Returns the current moment; tests hand in their own.
Now = Callable[[], datetime]


def utc_now() -> datetime:
    """Return the current moment in UTC."""
    return datetime.now(UTC)
