"""Retrying a step for as long as storage is unavailable."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

from webhooks.errors import StorageUnavailable

#: Seconds from one try to the next.
PAUSE = 1.0

T = TypeVar("T")


def retry_while_unavailable(
    step: Callable[[], T], stopping: threading.Event, on_failure: Callable[[], None], pause: float = PAUSE
) -> T:
    """Return what `step` returns. It must be safe to repeat.

    Args:
        stopping: set when the worker stops.
        on_failure: called after each try that failed.
        pause: seconds from one try to the next.

    Raises:
        StorageUnavailable: storage is unavailable while the worker stops.
    """
    while True:
        try:
            return step()
        except StorageUnavailable:
            on_failure()
            if stopping.wait(pause):
                raise
