"""How slow this machine is right now, so that a bound in seconds does not judge the machine."""

from __future__ import annotations

import statistics
import subprocess
import sys
import threading
from time import monotonic
from typing import Self

#: Starts and ends at once, which takes a core, memory, files, and a wait for all of it.
_NOTHING = (sys.executable, "-I", "-S", "-c", "pass")
#: How many times as long something may be late that goes through several processes, each of which waits for a core
#: again and again. On a quiet machine this makes a second.
_HOPS = 50
#: Seconds between two measurements. Together they take a twentieth of a core.
_PAUSE = 0.5


class Machine:
    """Measures, for as long as a block takes, how slow the machine is, and how long the block takes."""

    def __init__(self) -> None:
        self._measured: list[float] = []
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="machine", daemon=True)
        self._began = 0.0
        self._ended: float | None = None

    def __enter__(self) -> Self:
        self._measure()
        self._thread.start()
        self._began = monotonic()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended = monotonic()
        self._closing.set()
        self._thread.join()
        self._measure()

    @property
    def seconds(self) -> float:
        """How long the block took, or has taken so far."""
        return (monotonic() if self._ended is None else self._ended) - self._began

    @property
    def slack(self) -> float:
        """Seconds that a machine as slow as this one may add to a time that is promised.

        The longest hold-up that was seen counts once, and what is usual counts for each step on the way.
        """
        return max(self._measured) + _HOPS * statistics.median(self._measured)

    def _run(self) -> None:
        while not self._closing.wait(_PAUSE):
            self._measure()

    def _measure(self) -> None:
        """Measure how long a process takes that does nothing."""
        began = monotonic()
        subprocess.run(_NOTHING, check=True)  # noqa: S603  a command of our own
        self._measured.append(monotonic() - began)
