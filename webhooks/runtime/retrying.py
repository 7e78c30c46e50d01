"""Patience with storage: what must be read or written is tried again for as long as storage is away."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

from webhooks.errors import StorageUnavailable

#: Seconds from one try to the next.
PAUSE = 1.0

T = TypeVar("T")


def retry_while_unavailable(step: Callable[[], T], stopping: threading.Event, tell: Callable[[], None]) -> T:
    """Return what the step returns, which is safe to make again.

    Args:
        tell: called after each try in vain.

    Raises:
        StorageUnavailable: storage is away while the worker stops.
    """
    while True:
        try:
            return step()
        except StorageUnavailable:
            tell()
            if stopping.wait(PAUSE):
                raise
