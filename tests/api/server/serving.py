"""gunicorn's worker in a thread of the test process, and clients that write requests by hand."""

from __future__ import annotations

import os
import select
import socket
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from selectors import DefaultSelector
from typing import Any, Self

from gunicorn.config import Config
from gunicorn.glogging import Logger

from webhooks_api.server.worker import Timing, Worker
from webhooks_local.fleet import wait_until

GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
THREADS = 2

#: The served WSGI application.
Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


TIMING = Timing()


class Listener:
    """Listens, and fails to accept connections while open files are lacking.

    Attributes:
        shortages: the errnos of the next calls to accept.
    """

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.shortages: list[int] = []

    def accept(self) -> tuple[socket.socket, Any]:
        """Accept a connection."""
        if self.shortages:
            raise OSError(self.shortages.pop(), "")
        return self._socket.accept()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._socket, name)


class Server:
    """A worker of gunicorn, whose main thread is named `main`, and whose pool has two threads. A context manager.

    Args:
        timing: the timing of the worker.
        settings: settings of gunicorn to change.
    """

    def __init__(self, application: Application, timing: Timing = TIMING, **settings: Any) -> None:
        config = Config()
        for name, value in {"threads": THREADS, "graceful_timeout": 1, **settings}.items():
            config.set(name, value)
        self._listener = Listener()
        self._worker = Worker(0, os.getppid(), [self._listener], None, 30, config, Logger(config))
        self._worker.wsgi = application
        self._worker.timing = timing
        self._worker.tpool = ThreadPoolExecutor(THREADS, "pool")
        self._worker.poller = DefaultSelector()
        self._worker.method_queue.init()
        self._main = threading.Thread(target=self._worker.run, name="main")
        self._callers: list[socket.socket] = []

    def __enter__(self) -> Self:
        self._main.start()
        return self

    def __exit__(self, *_: object) -> None:
        for caller in self._callers:
            caller.close()
        wait_until(lambda: self.connections == 0, 60, "closed")
        if self._main.is_alive():
            assert len(self._worker.poller.get_map()) == 2  # the listener, and the pipe that wakes the thread
            self.stop()
        self._worker.tmp.close()

    def change(self, **times: Any) -> None:
        """Change the timing of the worker."""
        self._worker.timing = replace(self._worker.timing, **times)

    def lack(self, *numbers: int) -> None:
        """Let the next calls to accept fail with these errnos."""
        self._listener.shortages += numbers

    @property
    def lacks(self) -> int:
        """The number of calls to accept that will still fail."""
        return len(self._listener.shortages)

    @property
    def connections(self) -> int:
        """The number of connections."""
        return int(self._worker.nr_conns)

    @property
    def idle(self) -> int:
        """The number of connections that wait for another request, of which no byte has arrived."""
        return len(self._worker.keepalived_conns)

    @property
    def untried(self) -> int:
        """The number of connections that wait for their first request."""
        return len(self._worker.pending_conns)

    def caller(self) -> socket.socket:
        """Return a new connection."""
        caller = socket.create_connection(self._listener.getsockname(), timeout=10)
        self._callers.append(caller)
        return caller

    def known_caller(self) -> socket.socket:
        """Return a connection with one answered request, which waits for the next."""
        idle = self.idle
        caller = self.caller()
        assert ask(caller, GET)
        wait_until(lambda: self.idle > idle, 60, "waited for: its thread answers first, and gives it back then")
        return caller

    def has_come(self) -> int:
        """Return the number of connections with a request that has not been read."""
        waiting = [connection.sock for connection in self._worker.keepalived_conns]
        return len(select.select(waiting, [], [], 0)[0])

    def stop(self) -> None:
        """Stop the worker as SIGTERM does."""
        self._worker.handle_exit(None, None)
        self._main.join(10)
        assert not self._main.is_alive()


def ask(caller: socket.socket, request: bytes) -> str:
    """Send a request, and return the answer."""
    caller.sendall(request)
    return answer(caller)


def answer(caller: socket.socket) -> str:
    """Return the next answer."""
    with caller.makefile("rb", buffering=0) as file:  # otherwise the following answer would be lost
        length = 0
        while (line := file.readline()) != b"\r\n":
            assert line, "hung up"
            if line.startswith(b"Content-Length: "):
                length = int(line[16:])
        return (file.read(length) or b"").decode()
