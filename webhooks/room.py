"""Room for so many calls at once."""

from __future__ import annotations

import threading


class Room:
    """A number of places; who wants some waits a while until they are free.

    Args:
        size: how many places there are.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._taken = 0
        self._changed = threading.Condition()

    def enter(self, count: int, patience: float) -> bool:
        """Take `count` places, at most all there are, within `patience` seconds; returns whether it has."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._taken + count <= self._size, patience):
                return False
            self._taken += count
            return True

    def leave(self, count: int) -> None:
        """Give places back."""
        with self._changed:
            self._taken -= count
            self._changed.notify_all()

    def wait_until_empty(self, patience: float) -> bool:
        """Wait up to `patience` seconds until no place is taken; returns whether that came."""
        with self._changed:
            return self._changed.wait_for(lambda: self._taken == 0, patience)
