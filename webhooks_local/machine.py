"""How slow this machine is at the moment, so that a test's limit in seconds allows for a busy machine."""

from __future__ import annotations

import statistics
import subprocess
import sys
import threading
from time import monotonic
from typing import Self

#: Starts and ends at once, which needs a core, memory and files, and waits for each of them.
_NOTHING = (sys.executable, "-I", "-S", "-c", "pass")
#: The factor by which a step through several processes may be late, as each of them waits for a core repeatedly.
#: On an idle machine this allows a second.
_FACTOR = 50
#: Seconds between two measurements, which take a twentieth of a core.
_PAUSE = 0.5


class Machine:
    """Measures the duration of a block, and how slow the machine is meanwhile."""

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
        """The duration of the block, so far or in total."""
        return (monotonic() if self._ended is None else self._ended) - self._began

    @property
    def slack(self) -> float:
        """Seconds that a machine this slow may add to a promised time.

        The longest measured delay counts once, the median counts for each step.
        """
        return max(self._measured) + _FACTOR * statistics.median(self._measured)

    def _run(self) -> None:
        while not self._closing.wait(_PAUSE):
            self._measure()

    def _measure(self) -> None:
        """Measure the duration of a process that does nothing."""
        began = monotonic()
        subprocess.run(_NOTHING, check=True)  # noqa: S603  a command of our own
        self._measured.append(monotonic() - began)
