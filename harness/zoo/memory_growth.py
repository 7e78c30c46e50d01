"""The growth of a process's memory."""

from __future__ import annotations

import threading
from typing import Self

from harness.memory import resident_bytes

_PAUSE = 0.02


class MemoryGrowth:
    """Measures the memory of a process again and again during the block.

    Args:
        pid: the process id.

    Attributes:
        most: the maximum number of bytes by which it had grown.
    """

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._before = resident_bytes(pid)
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.most = 0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        self._thread.join()

    def growth(self) -> int:
        """Return the bytes by which it has grown so far."""
        return resident_bytes(self._pid) - self._before

    def _run(self) -> None:
        while not self._closing.wait(_PAUSE):
            self.most = max(self.most, self.growth())
