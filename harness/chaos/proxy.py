"""A TCP proxy that can lose or delay bytes in either direction."""

from __future__ import annotations

import contextlib
import selectors
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import Enum
from typing import Self

_CHUNK = 65_536


class Direction(Enum):
    """The direction of bytes, as seen by the client."""

    OUT = "to Redis"
    BACK = "from Redis"


#: What happens to bytes during a disturbance. A broken connection never gets its missing bytes, and is closed at
#: the end. A late one gets them all, as TCP repeats bytes that a network has lost.
BROKEN, LATE = "broken", "late"
Stops = Callable[[Direction, bytes], bool]


class _Pipe:
    """One direction of a connection."""

    def __init__(self, source: socket.socket, target: socket.socket, direction: Direction) -> None:
        self.source = source
        self.target = target
        self.direction = direction
        self.held = b""
        self.holds = False
        self.ended = False


class Proxy:
    """Forwards bytes between clients of `port` and a port of this machine. A context manager."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.port = int(self._listener.getsockname()[1])
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._pipes: set[_Pipe] = set()
        self._stops: Stops | None = None
        self._held = 0
        self._lock = threading.Lock()
        self._running = True
        self._thread = threading.Thread(target=self._run, name="proxy", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._running = False
        self._thread.join()
        for pipe in list(self._pipes):
            self._close(pipe)
        self._listener.close()
        self._selector.close()

    @contextmanager
    def disturbed(self, stops: Stops, *, manner: str = BROKEN) -> Iterator[None]:
        """Hold back the bytes for which `stops` holds, and all behind them, for the duration of the block."""
        with self._lock:
            self._stops, self._held = stops, 0
        try:
            yield
        finally:
            with self._lock:
                self._stops = None
                for pipe in [pipe for pipe in self._pipes if pipe.holds]:
                    self._release(pipe, manner)

    @property
    def held(self) -> int:
        """The number of pieces that were held back since the last disturbance began."""
        return self._held

    def _run(self) -> None:
        while self._running:
            for key, _ in self._selector.select(0.1):
                with self._lock:
                    if key.fileobj is self._listener:
                        self._accept()
                    elif key.data in self._pipes:
                        self._pass(key.data)

    def _accept(self) -> None:
        near, _ = self._listener.accept()
        try:
            far = socket.create_connection(("127.0.0.1", self._target), timeout=1)
        except OSError:
            near.close()
            return
        for pipe in (_Pipe(near, far, Direction.OUT), _Pipe(far, near, Direction.BACK)):
            pipe.source.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            pipe.source.settimeout(1)
            self._pipes.add(pipe)
            self._selector.register(pipe.source, selectors.EVENT_READ, pipe)

    def _pass(self, pipe: _Pipe) -> None:
        try:
            chunk = pipe.source.recv(_CHUNK)
        except OSError:
            chunk = b""
        pipe.holds = pipe.holds or (self._stops is not None and self._stops(pipe.direction, chunk))
        if pipe.holds:
            self._held += 1
            pipe.held += chunk
            if not chunk:
                self._selector.unregister(pipe.source)
                pipe.ended = True
        elif not chunk:
            self._close(pipe)
        else:
            self._send(pipe, chunk)

    def _release(self, pipe: _Pipe, manner: str) -> None:
        if pipe not in self._pipes:
            return
        if manner == LATE:
            self._send(pipe, pipe.held)
        if manner == BROKEN or pipe.ended:
            self._close(pipe)
        pipe.held, pipe.holds = b"", False

    def _send(self, pipe: _Pipe, chunk: bytes) -> None:
        try:
            pipe.target.sendall(chunk)
        except OSError:
            self._close(pipe)

    def _close(self, pipe: _Pipe) -> None:
        """Close both directions of a connection."""
        for one in [one for one in self._pipes if one.source in {pipe.source, pipe.target}]:
            self._pipes.discard(one)
            with contextlib.suppress(KeyError, ValueError):
                self._selector.unregister(one.source)
            one.source.close()
