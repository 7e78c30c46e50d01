"""The server's loop, on real connections: who is answered by which thread, and who holds up whom."""

from __future__ import annotations

import errno
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import pytest
from gunicorn.workers import gthread
from structlog.testing import capture_logs

from api.server.serving import GET, THREADS, Server, answer, ask
from webhooks.runtime.batcher import Batcher
from webhooks_api.server import worker
from webhooks_api.server.worker import Timing
from webhooks_local.fleet import wait_until

EVENT = b"POST /api/events HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}"
LONG_GET = b"GET /long HTTP/1.1\r\nHost: x\r\n\r\n"
LAST_GET = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"


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
        self._together = Batcher(self._step, max_things=100)

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


def test_a_turn_has_only_so_many_events(server: Server, application: Application) -> None:
    """New callers, and everything else, are looked after in between."""
    server.change(max_events=3)
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


def test_an_event_that_comes_slowly_holds_up_no_one(server: Server) -> None:
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


def test_callers_who_do_not_do_not_respond_up_hold_up_no_one(server: Server) -> None:
    """Left to itself gunicorn waits 2 s for each."""
    other, *lasting = server.known_caller(), *(server.caller() for _ in range(8))
    for caller in lasting:
        caller.sendall(LAST_GET)
    for caller in lasting[:3]:
        answer(caller)
    other.settimeout(1.5)
    assert ask(other, EVENT) == "main{}"


def test_callers_who_do_not_read_their_answers_are_given_up(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    """They would keep a thread each for as long as they like. It is no fault of ours, so none is logged."""
    server.change(send=1)
    for _ in range(THREADS):
        server.caller().sendall(LONG_GET)
    assert ask(server.caller(), GET).startswith("pool")
    assert caplog.records == []


@pytest.mark.parametrize("name", ["EMFILE", "ENFILE", "ENOBUFS", "ENOMEM"])
def test_a_connection_that_cannot_be_taken_waits_and_ends_no_process(server: Server, name: str) -> None:
    """Nor does the loop ask for it again and again: it rests after each try, and idle connections are closed."""
    server.change(pause=0.1, idle=0.0)
    idle = server.known_caller()
    server.lack(*[getattr(errno, name)] * 3)
    with capture_logs() as logs:
        assert ask(server.caller(), GET).startswith("pool")
    assert server.lacks == 0
    assert [(log["event"], log["reason"], log["times"]) for log in logs] == [("api.out_of_resources", name, 1)]
    assert idle.recv(1) == b""


def test_a_connection_on_which_nothing_comes_has_no_thread(server: Server) -> None:
    """Left to itself gunicorn has a thread wait on it for 5 s, and with as many as threads everybody waits."""
    for _ in range(5 * THREADS):
        server.caller()
    wait_until(lambda: server.untried == 5 * THREADS, 5, "waited for")
    other = server.caller()
    other.settimeout(2)
    assert ask(other, GET).startswith("pool")


def test_the_connection_that_is_idle_longest_makes_capacity_for_a_new_one(application: Application) -> None:
    with Server(application, worker_connections=3, threads=1, keepalive=60, timing=Timing(idle=0.0)) as server:
        untried, known = server.caller(), server.known_caller()
        newest = server.caller()
        assert untried.recv(1) == b""
        assert ask(newest, GET).startswith("pool")
        wait_until(lambda: server.idle == 2, 5, "waited for")
        assert ask(server.caller(), GET).startswith("pool")
        assert known.recv(1) == b""
        assert ask(newest, GET).startswith("pool")


def test_a_request_that_comes_with_a_shortage_is_answered(server: Server, application: Application) -> None:
    """To close its connection then would end the process: what has come on it is still to be looked at."""
    server.change(pause=0.1, idle=0.0)
    busy, idle = server.known_caller(), server.known_caller()
    application.may_end.clear()
    busy.sendall(EVENT)
    assert application.begun.acquire(timeout=5)
    server.lack(errno.EMFILE)
    new = server.caller()
    idle.sendall(GET)
    wait_until(lambda: server.has_come() == 1, 5, "at the server")
    application.may_end.set()
    assert answer(idle).startswith("pool")
    assert ask(new, GET).startswith("pool")
    assert server.lacks == 0


def test_a_connection_on_which_a_request_has_just_come_is_not_closed(
    application: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may have been idle for long, and the request may have come while the main thread answered events."""
    with Server(application, worker_connections=2, threads=1, keepalive=60, timing=Timing(idle=0.0)) as server:
        known = server.known_caller()
        late_requests = [GET]
        end_kept = worker.Worker.murder_keepalived

        def send_late(of: worker.Worker, force: bool = False) -> None:
            if server.connections == 2 and late_requests:
                known.sendall(late_requests.pop())
            end_kept(of, force)

        monkeypatch.setattr(worker.Worker, "murder_keepalived", send_late)
        server.caller()
        assert answer(known).startswith("pool")


def test_a_connection_that_had_its_last_answer_makes_capacity_for_a_new_one(application: Application) -> None:
    with Server(application, worker_connections=1, timing=Timing(idle=0.1)) as server:
        lasting = server.caller()
        assert ask(lasting, LAST_GET).startswith("pool")
        lasting.sendall(b"still here")
        assert ask(server.caller(), LAST_GET).startswith("pool")


def test_connections_on_which_nothing_comes_do_not_keep_the_process_from_stopping(
    application: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gthread, "STOP_KEEPALIVE_LINGER", 0)
    with Server(application, graceful_timeout=60, keepalive=60) as server:
        server.caller()
        wait_until(lambda: server.untried == 1, 5, "waited for")
        server.stop()
        assert server.connections == 0
