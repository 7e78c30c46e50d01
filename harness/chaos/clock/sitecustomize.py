# ruff: noqa: INP001 - the folder is put on a path, it is no package
"""Move the wall clock of one process: Python imports this file first if its folder is on PYTHONPATH.

CHAOS_CLOCK names a file with the seconds to add, and CHAOS_CLOCK_SEEN a file to create when that is done. The
monotonic clock is not changed.
"""

from __future__ import annotations

import os
import threading
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import time_machine

_PAUSE = 0.1


def _follow(file: Path, seen: Path) -> None:
    pause, travel, seconds = threading.Event(), None, 0.0
    while not pause.wait(_PAUSE):
        wanted = 0.0
        with suppress(OSError, ValueError):
            wanted = float(file.read_text())
        if wanted == seconds:
            continue
        if travel is not None:
            travel.stop()
        travel = time_machine.travel(datetime.now(UTC) + timedelta(seconds=wanted), tick=True) if wanted else None
        if travel is not None:
            travel.start()
        seconds = wanted
        seen.touch()


if "CHAOS_CLOCK" in os.environ:
    files = Path(os.environ["CHAOS_CLOCK"]), Path(os.environ["CHAOS_CLOCK_SEEN"])
    threading.Thread(target=_follow, args=files, daemon=True).start()
