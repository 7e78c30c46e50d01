"""The server's loop, on real connections: who is answered by which thread, and who holds up whom."""

from __future__ import annotations

import errno
import os
import select
import socket
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from selectors import DefaultSelector
from typing import Any, Self

import pytest
from gunicorn.config import Config
from gunicorn.glogging import Logger
from structlog.testing import capture_logs

from webhooks.together import Together
from webhooks_api.server import worker
from webhooks_api.server.worker import Worker
from webhooks_local.fleet import wait_until

EVENT = b"POST /api/events HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}"
GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
LONG_GET = b"GET /long HTTP/1.1\r\nHost: x\r\n\r\n"
LAST_GET = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
THREADS = 2


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        """Tell the time."""
        return self.now


class Application:
    """Answers with the name of the thread, and what it was asked; events in a step for all of them.

    Attributes:
        steps: how many events each step had.
        begun: released by each step when it begins.
        may_end: waited for by each step.
        clock: by which a step takes `seconds`.
    """

    def __init__(self) -> None:
        self.steps: list[int] = []
        self.begun = threading.Semaphore(0)
        self.may_end = threading.Event()
        self.may_end.set()
        self.clock = Clock()
        self.seconds = 0.0
        self._together = Together(self._step, most=100)

    def __call__(self, request: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer a request."""
        answer = threading.current_thread().name.encode()
        if request["PATH_INFO"] == "/api/events":
            answer += request["wsgi.input"].read()
            self._together([answer])
        elif request["PATH_INFO"] == "/long":
            answer *= 10_000_000
        start_response("200 OK", [("Content-Length", str(len(answer)))])
        return [answer]

    def _step(self, things: Sequence[bytes]) -> Sequence[bytes]:
        self.steps.append(len(things))
        self.begun.release()
        assert self.may_end.wait(5)
        self.clock.now += self.seconds
        return things


class Listener:
    """Listens, and takes no connection while there are no files left for it.

    Attributes:
        shortages: errnos that the next tries to take one end with.
    """

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.shortages: list[int] = []

    def accept(self) -> tuple[socket.socket, Any]:
        """Take a connection."""
        if self.shortages:
            raise OSError(self.shortages.pop(), "")
        return self._socket.accept()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._socket, name)


class Server:
    """A worker of gunicorn's, whose main thread is one called `main`. A context manager."""

    def __init__(self, application: Application) -> None:
        config = Config()
        config.set("threads", THREADS)
        config.set("graceful_timeout", 1)
        self._listener = Listener()
        self._worker = Worker(0, os.getppid(), [self._listener], None, 30, config, Logger(config))
        self._worker.wsgi = application
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
        wait_until(lambda: self._worker.nr_conns == 0, 10, "closed")
        assert len(self._worker.poller.get_map()) == 2  # the listener, and what wakes the thread
        self._worker.handle_exit(None, None)
        self._main.join(10)
        self._worker.tmp.close()
        assert not self._main.is_alive()

    def lack(self, *numbers: int) -> None:
        """Have the next tries to take a connection end with these errnos."""
        self._listener.shortages += numbers

    @property
    def lacks(self) -> int:
        """How many tries are still to end so."""
        return len(self._listener.shortages)

    @property
    def idle(self) -> int:
        """How many connections wait for a request of which nothing has come."""
        return len(self._worker.keepalived_conns)

    def caller(self) -> socket.socket:
        """Return a new connection."""
        caller = socket.create_connection(self._listener.getsockname(), timeout=10)
        self._callers.append(caller)
        return caller

    def known_caller(self) -> socket.socket:
        """Return a connection over which a request has been answered, and that waits for the next."""
        idle = self.idle
        caller = self.caller()
        assert ask(caller, GET).startswith("pool")
        wait_until(lambda: self.idle > idle, 5, "waited for: its thread answers first, and gives it back then")
        return caller

    def has_come(self) -> int:
        """Return on how many connections a request has come that has not been looked at."""
        waiting = [connection.sock for connection in self._worker.keepalived_conns]
        return len(select.select(waiting, [], [], 0)[0])


def ask(caller: socket.socket, request: bytes) -> str:
    """Send a request and return what it is answered."""
    caller.sendall(request)
    return answer(caller)


def answer(caller: socket.socket) -> str:
    """Return the next answer."""
    with caller.makefile("rb", buffering=0) as file:  # or what comes after it would be lost
        length = 0
        while (line := file.readline()) != b"\r\n":
            assert line, "hung up"
            if line.startswith(b"Content-Length: "):
                length = int(line[16:])
        return (file.read(length) or b"").decode()


def send_at_the_same_time(server: Server, application: Application, count: int) -> None:
    """Have so many events come while one before them is stored; all are answered by the main thread."""
    first, *others = callers = [server.known_caller() for _ in range(1 + count)]
    application.may_end.clear()
    first.sendall(EVENT)
    assert application.begun.acquire(timeout=5)
    for caller in others:
        caller.sendall(EVENT)
    wait_until(lambda: server.has_come() == count, 5, "at the server")
    application.may_end.set()
    assert [answer(caller) for caller in callers] == ["main{}"] * len(callers)


@pytest.fixture
def application() -> Application:
    return Application()


@pytest.fixture
def server(application: Application) -> Iterator[Server]:
    with Server(application) as server:
        yield server
        application.may_end.set()


def test_an_event_is_answered_by_the_main_thread_and_all_else_by_the_pool(server: Server) -> None:
    caller = server.known_caller()
    assert ask(caller, EVENT) == "main{}"
    assert ask(caller, EVENT) == "main{}"
    assert ask(caller, GET).startswith("pool")
    assert ask(caller, EVENT) == "main{}"


def test_the_first_request_of_a_connection_is_for_the_pool(server: Server) -> None:
    """Who calls for the first time may be anybody, and slow."""
    assert ask(server.caller(), EVENT).startswith("pool")


def test_events_that_come_at_the_same_time_are_stored_in_one_step(
    server: Server, application: Application
) -> None:
    send_at_the_same_time(server, application, 8)
    assert application.steps == [1, 8]


def test_the_answer_to_an_event_comes_in_one_piece(server: Server) -> None:
    caller = server.known_caller()
    for _ in range(20):
        caller.sendall(EVENT)
        assert caller.recv(4096).endswith(b"main{}")


def test_a_turn_has_only_so_many_events(
    server: Server, application: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    """New callers, and everything else, are looked after in between."""
    monkeypatch.setattr(worker, "MOST_AT_ONCE", 3)
    send_at_the_same_time(server, application, 8)
    assert application.steps == [1, 3, 3, 2]


def test_while_storage_is_slow_events_have_threads(
    server: Server, application: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or everything would wait for it: health checks, new callers."""
    monkeypatch.setattr(worker, "monotonic", application.clock)
    caller = server.known_caller()
    application.clock.now = 1
    application.seconds = 0.1
    assert [ask(caller, EVENT) for _ in range(2)] == ["main{}"] * 2
    application.seconds = 0.5
    assert ask(caller, EVENT) == "main{}"
    application.seconds = 0
    assert ask(caller, EVENT).startswith("pool")
    application.clock.now += 4.9
    assert ask(caller, EVENT).startswith("pool")
    application.clock.now += 0.2
    assert ask(caller, EVENT) == "main{}"


def test_an_event_that_comes_slowly_holds_up_nobody(server: Server) -> None:
    slow, other = server.known_caller(), server.known_caller()
    slow.sendall(EVENT[:-1])
    wait_until(lambda: server.idle == 1, 5, "noticed")
    assert ask(other, EVENT) == "main{}"
    slow.sendall(EVENT[-1:])
    assert answer(slow).startswith("pool")


def test_requests_that_come_ahead_of_their_answers_are_answered_in_order(server: Server) -> None:
    caller = server.known_caller()
    bodies = [b"{%d}" % number for number in range(4)]
    head = EVENT.removesuffix(b"{}").replace(b"2", b"3")
    caller.sendall(b"".join(head + body for body in bodies))
    assert [answer(caller)[-3:] for _ in bodies] == ["{0}", "{1}", "{2}", "{3}"]


def test_callers_who_do_not_hang_up_hold_up_nobody(server: Server) -> None:
    """Left to itself gunicorn waits 2 s for each."""
    other, *lasting = server.known_caller(), *(server.caller() for _ in range(8))
    for caller in lasting:
        caller.sendall(LAST_GET)
    for caller in lasting[:3]:
        answer(caller)
    other.settimeout(1.5)
    assert ask(other, EVENT) == "main{}"


def test_callers_who_do_not_read_their_answers_are_given_up(
    server: Server, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """They would keep a thread each for as long as they like. It is no fault of ours, so none is logged."""
    monkeypatch.setattr(worker, "SEND_PATIENCE", 1)
    for _ in range(THREADS):
        server.caller().sendall(LONG_GET)
    assert ask(server.caller(), GET).startswith("pool")
    assert caplog.records == []


@pytest.mark.parametrize("name", ["EMFILE", "ENFILE", "ENOBUFS", "ENOMEM"])
def test_a_connection_that_cannot_be_taken_waits_and_ends_no_process(
    server: Server, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Nor does the loop ask for it again and again: it rests after each try, and idle connections are closed."""
    monkeypatch.setattr(worker, "REST", 0.1)
    idle = server.known_caller()
    server.lack(*[getattr(errno, name)] * 3)
    with capture_logs() as logs:
        assert ask(server.caller(), GET).startswith("pool")
    assert server.lacks == 0
    assert [(log["event"], log["reason"], log["times"]) for log in logs] == [("api.out_of_resources", name, 1)]
    assert idle.recv(1) == b""
