"""The baton: lets a busy thread of a worker finish its step before another one runs.

The interpreter runs one thread at a time. By default it switches between busy threads at each call into libcurl
and at each system call: four times for an event, which takes a fifth of the worker's processor time. A thread that
holds the baton is not interrupted by another busy thread until its step has ended.
"""

from __future__ import annotations

import threading
from collections import deque


class Baton:
    """A fair lock: threads acquire it in the order in which they asked. A context manager.

    It is for steps that wait neither for Redis nor for a receiver: 200 claims to sign, 100 sockets that can be
    read. Such a step takes a few milliseconds, or some tens with many TLS handshakes.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._is_held = False
        self._waiting: deque[threading.Lock] = deque()

    @property
    def waiting(self) -> int:
        """How many threads wait for the baton."""
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


#: The baton of this process: there is one interpreter.
BATON = Baton()
