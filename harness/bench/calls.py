"""The calls that the receiver got, read from its access log."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import NamedTuple, Self

_PAUSE = 0.1


class NotDeliveredError(Exception):
    """Accepted events did not arrive at the receiver; the message has their number."""


class LoggedCall(NamedTuple):
    """One call.

    Attributes:
        arrived: Unix seconds, to the millisecond.
        status: the status of its answer; 499 if the caller gave up.
        is_first: whether it was the first on its connection.
    """

    hook_id: str
    attempt: int
    arrived: float
    status: int
    is_first: bool

    @classmethod
    def read(cls, line: str) -> Self:
        """Return the call in a line of the log."""
        ended, took, over_connection, status, attempt, hook_id = line.split()
        arrived = round(float(ended) - float(took), 3)
        return cls(hook_id, int(attempt), arrived, int(status), over_connection == "1")


class Calls:
    """The calls that end after this object was created.

    Args:
        log: the access log, which grows meanwhile.
    """

    def __init__(self, log: Path) -> None:
        self._log = log
        self._offset = log.stat().st_size if log.exists() else 0
        self._by_id: dict[str, list[LoggedCall]] = defaultdict(list)

    def of(self, hook_ids: Collection[str]) -> Mapping[str, list[LoggedCall]]:
        """Return the calls of these events that have ended so far, in the order of their ends."""
        self._read()
        return {hook_id: self._by_id.get(hook_id, []) for hook_id in hook_ids}

    def wait_for(
        self, hook_ids: Collection[str], patience: float, *, attempts: int | None = None
    ) -> list[LoggedCall]:
        """Wait until each of these events was answered 200, and return these calls.

        Args:
            patience: seconds within which the next call must end.
            attempts: wait for this many calls of each event instead, and return them all.

        Raises:
            NotDeliveredError: no call ended for that long, and some are missing.
        """
        missing = {hook_id for hook_id in hook_ids if not self._has_come(hook_id, attempts)}
        last = time.monotonic()
        while missing:
            time.sleep(_PAUSE)
            if added := self._read():
                last = time.monotonic()
            elif last + patience < time.monotonic():
                raise NotDeliveredError(f"{len(missing)} of {len(hook_ids)} events never came: {min(missing)} …")
            missing -= {call.hook_id for call in added if self._has_come(call.hook_id, attempts)}
        return [call for hook_id in hook_ids for call in self._that_count(hook_id, attempts)]

    def _has_come(self, hook_id: str, attempts: int | None) -> bool:
        return len(self._that_count(hook_id, attempts)) >= (attempts or 1)

    def _that_count(self, hook_id: str, attempts: int | None) -> list[LoggedCall]:
        calls = self._by_id.get(hook_id, [])
        return calls if attempts is not None else [call for call in calls if call.status == 200]

    def _read(self) -> list[LoggedCall]:
        """Read the new lines, and return their calls."""
        with self._log.open("rb") as file:
            file.seek(self._offset)
            added = file.read()
        whole = added[: added.rfind(b"\n") + 1]
        self._offset += len(whole)
        calls = [LoggedCall.read(line) for line in whole.decode().splitlines()]
        for call in calls:
            self._by_id[call.hook_id].append(call)
        return calls
