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

    def enter(self, count: int, patience: float, leaving: int = 0) -> int:
        """Take up to `count` places as soon as any is free; returns how many, 0 if `patience` seconds have passed.

        Whoever waited for all of them at once would be overtaken for ever by those who want one.

        Args:
            leaving: how many must stay free for others.
        """
        size = self._size - leaving
        with self._changed:
            self._changed.wait_for(lambda: self._taken < size, patience)
            entered = max(0, min(count, size - self._taken))
            self._taken += entered
            return entered

    def free(self) -> int:
        """Return how many places are left."""
        return self._size - self._taken

    def leave(self, count: int) -> None:
        """Give places back."""
        with self._changed:
            self._taken -= count
            self._changed.notify_all()

    def wait_until_empty(self, patience: float) -> bool:
        """Wait up to `patience` seconds until no place is taken; returns whether that came."""
        with self._changed:
            return self._changed.wait_for(lambda: self._taken == 0, patience)
