"""A thread of the server stays with its connection, for callers who send one request after another."""

from __future__ import annotations

import select
import socket
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Self

from gunicorn.config import Config
from gunicorn.glogging import Logger
from gunicorn.workers.gthread import TConn

from webhooks_api.gunicorn_worker import Worker


def hello(_: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    start_response("200 OK", [("Content-Length", "5")])
    return [b"hello"]


class Served:
    """A connection that one of the server's threads serves, from its caller's end. A context manager."""

    def __init__(self, threads: int, stay: float) -> None:
        self._caller, self._server = socket.socketpair()
        self._caller.settimeout(10)
        self._config = Config()
        self._config.set("threads", threads)
        self._worker = Worker(0, 0, [], None, 30, self._config, Logger(self._config))
        self._worker.wsgi = hello
        self._worker.stay = stay
        self._pool = ThreadPoolExecutor(1)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._caller.close()
        self._pool.shutdown()
        self._server.close()
        self._worker.tmp.close()

    def begin(self) -> Future[bool]:
        """Have the connection served; returns what that comes to."""
        connection = TConn(self._config, self._server, ("127.0.0.1", 1), ("127.0.0.1", 2))
        return self._pool.submit(self._worker.handle, connection)

    def send(self) -> None:
        """Send a request."""
        self._caller.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")

    def answer(self) -> bytes:
        """Wait for the next answer, and return its end."""
        answer = b""
        while not answer.endswith(b"hello"):
            answer += self._caller.recv(4096)
        return answer[-5:]

    @property
    def is_answered(self) -> bool:
        """Whether an answer has come."""
        return select.select([self._caller], [], [], 0)[0] != []

    def hang_up(self) -> None:
        """Send nothing any more."""
        self._caller.shutdown(socket.SHUT_WR)


def test_requests_that_follow_each_other_are_answered_by_one_thread() -> None:
    with Served(threads=2, stay=10) as served:
        served.send()
        end = served.begin()
        for _ in range(3):
            assert served.answer() == b"hello"
            served.send()
        assert served.answer() == b"hello"
        served.hang_up()
        assert end.result(10) is False


def test_a_quiet_connection_is_left_to_the_main_thread() -> None:
    with Served(threads=2, stay=0.01) as served:
        served.send()
        assert served.begin().result(10) is True


def test_half_of_the_threads_never_stay() -> None:
    """Or new callers would wait for those who are expected to send more."""
    with Served(threads=1, stay=10) as served:
        served.send()
        end = served.begin()
        assert served.answer() == b"hello"
        served.send()
        assert end.result(10) is True
        assert not served.is_answered
