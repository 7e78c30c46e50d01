"""Reading the receiver's journal while it is being written."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from harness.chaos.records import Call

#: Seconds within which a worker, which may have been held up, has recorded an answer.
RECORDING_SECONDS = 2.0
_PAUSE = 0.01


class JournalReader:
    """The calls so far, in the order of arrival.

    Args:
        timeout: seconds after which a worker gives up an unanswered call.
    """

    def __init__(self, path: Path, timeout: float) -> None:
        self._timeout = timeout
        path.touch()
        self._file = path.open(encoding="ascii")
        self._rest = ""
        self._calls: dict[int, Call] = {}
        self._lock = threading.Lock()

    def close(self) -> None:
        """Stop reading."""
        self._file.close()

    def calls(self) -> list[Call]:
        """Return all calls."""
        with self._lock:
            *lines, self._rest = (self._rest + self._file.read()).split("\n")
            for line in lines:
                self._take(json.loads(line))
            return list(self._calls.values())

    def forget(self) -> None:
        """Leave out all calls so far from now on."""
        self.calls()
        with self._lock:
            self._calls.clear()

    def wait_for(self, condition: Callable[[Call], bool], deadline: float) -> Call | None:
        """Wait for a call for which `condition` holds, and return the latest; None after the deadline."""
        end = time.monotonic() + deadline
        while time.monotonic() < end:
            for call in reversed(self.calls()):
                if condition(call):
                    return call
            time.sleep(_PAUSE)
        return None

    def in_flight(self, slack: float) -> list[Call]:
        """Return the calls that no worker can have recorded yet: unanswered, or answered just now.

        Args:
            slack: seconds by which the machine may delay a worker.
        """
        recorded = time.time() - RECORDING_SECONDS - slack
        ends = (
            (call, call.arrived + self._timeout if call.answered is None else call.answered)
            for call in self.calls()
        )
        return [call for call, end in ends if end > recorded]

    def _take(self, line: dict[str, Any]) -> None:
        number = line["call"]
        if "hookId" in line:
            self._calls[number] = Call(
                line["hookId"], line["attempt"], line["retry"], line["path"], line["peer"], line["arrived"]
            )
        elif number in self._calls:
            call = self._calls[number]
            self._calls[number] = replace(call, answered=line["answered"], status=line["status"])
