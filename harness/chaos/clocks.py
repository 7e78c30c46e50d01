"""A wall clock that can be moved for one process, by `clock/sitecustomize.py`."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from webhooks_local.fleet import wait_until

_FOLLOWER = Path(__file__).parent / "clock"
_SOON = 60.0


class ProcessClock:
    """The seconds by which the wall clock of a process is ahead.

    Args:
        file: contains the seconds; the process confirms in a file with the same name and the ending `.seen`.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._seen = file.with_suffix(".seen")

    def environment(self, python_path: Path) -> Mapping[str, str]:
        """Return the environment of a process with this clock and `python_path` as its PYTHONPATH."""
        return {
            "PYTHONPATH": os.pathsep.join([str(_FOLLOWER), str(python_path)]),
            "CHAOS_CLOCK": str(self._file),
            "CHAOS_CLOCK_SEEN": str(self._seen),
        }

    def set(self, seconds: int) -> None:
        """Move the clock this many seconds ahead of the true time.

        Raises:
            TimeoutError: the process does not confirm.
        """
        self._seen.unlink(missing_ok=True)
        self._file.write_text(str(seconds))
        wait_until(self._seen.exists, _SOON, f"seen that the clock is {seconds} s ahead")
