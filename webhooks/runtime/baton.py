"""The baton: which of the threads that have much to do in a worker runs Python now.

The interpreter runs one thread at a time. Left to itself it changes between those that have much
to do at each call into libcurl and each call of the system, four times for an event, and that takes a fifth of
the worker's processor time. A thread that has taken the baton makes way only when its step is done.
"""

from __future__ import annotations

import threading
from collections import deque


class Baton:
    """A lock that is handed on in the order in which it was asked for. A context manager.

    It is for steps that wait for nothing, neither for Redis nor for a receiver: 200 claims to sign, 100 sockets
    with something to read. They take some milliseconds, or some ten when there are many handshakes among them.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._is_held = False
        self._waiting: deque[threading.Lock] = deque()

    @property
    def waiting(self) -> int:
        """How many threads wait for it."""
        return len(self._waiting)

    def __enter__(self) -> None:
        with self._lock:
            if not self._is_held:
                self._is_held = True
                return
            turn = threading.Lock()
            turn.acquire()
            self._waiting.append(turn)
        turn.acquire()  # until `__exit__` of the previous holder releases it

    def __exit__(self, *_: object) -> None:
        with self._lock:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._is_held = False


#: That of this process, as there is one interpreter.
BATON = Baton()
