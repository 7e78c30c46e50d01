"""The loop of the server on real connections: which thread answers, and who delays whom."""

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
        """Return the time."""
        return self.now


class Application:
    """Answers with the name of the thread and the request; events are answered in one step.

    Attributes:
        steps: the number of events of each step.
        begun: released by each step when it starts.
        may_end: awaited by each step.
        clock: a step moves it by `seconds`.
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
    """Let this many events arrive while an earlier one is being stored; the main thread answers all of them."""
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


def test_the_main_thread_answers_events_and_the_pool_answers_the_rest(server: Server) -> None:
    caller = server.known_caller()
    assert ask(caller, EVENT) == "main{}"
    assert ask(caller, EVENT) == "main{}"
    assert ask(caller, GET).startswith("pool")
    assert ask(caller, EVENT) == "main{}"


def test_the_first_request_of_a_connection_is_left_to_the_pool(server: Server) -> None:
    """A new client may be anybody, and slow."""
    assert ask(server.caller(), EVENT).startswith("pool")


def test_events_that_arrive_together_are_stored_in_one_step(server: Server, application: Application) -> None:
    send_at_the_same_time(server, application, 8)
    assert application.steps == [1, 8]


def test_the_answer_to_an_event_is_sent_in_one_piece(server: Server) -> None:
    caller = server.known_caller()
    for _ in range(20):
        caller.sendall(EVENT)
        assert caller.recv(4096).endswith(b"main{}")


def test_a_turn_has_a_limited_number_of_events(server: Server, application: Application) -> None:
    """The loop handles new clients and all other requests in between."""
    server.change(max_events=3)
    send_at_the_same_time(server, application, 8)
    assert application.steps == [1, 3, 3, 2]


def test_events_are_left_to_threads_while_storage_is_slow(
    server: Server, application: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise everything would wait for storage: health checks and new clients."""
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


def test_an_event_that_arrives_slowly_delays_no_other(server: Server) -> None:
    slow, other = server.known_caller(), server.known_caller()
    slow.sendall(EVENT[:-1])
    wait_until(lambda: server.idle == 1, 5, "noticed")
    assert ask(other, EVENT) == "main{}"
    slow.sendall(EVENT[-1:])
    assert answer(slow).startswith("pool")


def test_pipelined_requests_are_answered_in_order(server: Server) -> None:
    caller = server.known_caller()
    bodies = [b"{%d}" % number for number in range(4)]
    head = EVENT.removesuffix(b"{}").replace(b"2", b"3")
    caller.sendall(b"".join(head + body for body in bodies))
    assert [answer(caller)[-3:] for _ in bodies] == ["{0}", "{1}", "{2}", "{3}"]


def test_callers_that_keep_their_connections_open_delay_no_other(server: Server) -> None:
    """By default gunicorn waits 2 s for each."""
    other, *lasting = server.known_caller(), *(server.caller() for _ in range(8))
    for caller in lasting:
        caller.sendall(LAST_GET)
    for caller in lasting[:3]:
        answer(caller)
    other.settimeout(1.5)
    assert ask(other, EVENT) == "main{}"


def test_callers_that_read_no_answers_are_disconnected(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    """Each would occupy a thread for ever. This is no fault of the server, so nothing is logged."""
    server.change(send=1)
    for _ in range(THREADS):
        server.caller().sendall(LONG_GET)
    assert ask(server.caller(), GET).startswith("pool")
    assert caplog.records == []


@pytest.mark.parametrize("name", ["EMFILE", "ENFILE", "ENOBUFS", "ENOMEM"])
def test_a_failed_accept_is_repeated_and_stops_no_process(server: Server, name: str) -> None:
    """The loop does not repeat at once: it pauses after each failure, and idle connections are closed."""
    server.change(pause=0.1, idle=0.0)
    idle = server.known_caller()
    server.lack(*[getattr(errno, name)] * 3)
    with capture_logs() as logs:
        assert ask(server.caller(), GET).startswith("pool")
    assert server.lacks == 0
    assert [(log["event"], log["reason"], log["times"]) for log in logs] == [("api.out_of_resources", name, 1)]
    assert idle.recv(1) == b""


def test_a_silent_connection_occupies_no_thread(server: Server) -> None:
    """By default a thread of gunicorn waits for it for 5 s, and enough of them block everybody."""
    for _ in range(5 * THREADS):
        server.caller()
    wait_until(lambda: server.untried == 5 * THREADS, 5, "waited for")
    other = server.caller()
    other.settimeout(2)
    assert ask(other, GET).startswith("pool")


def test_the_longest_idle_connection_is_closed_for_a_new_one(application: Application) -> None:
    with Server(application, worker_connections=3, threads=1, keepalive=60, timing=Timing(idle=0.0)) as server:
        untried, known = server.caller(), server.known_caller()
        newest = server.caller()
        assert untried.recv(1) == b""
        assert ask(newest, GET).startswith("pool")
        wait_until(lambda: server.idle == 2, 5, "waited for")
        assert ask(server.caller(), GET).startswith("pool")
        assert known.recv(1) == b""
        assert ask(newest, GET).startswith("pool")


def test_a_request_that_arrives_during_a_shortage_is_answered(server: Server, application: Application) -> None:
    """Closing such a connection would end the process, as its request has not been read."""
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


def test_a_connection_with_a_new_request_is_not_closed(
    application: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its request may arrive after a long idle time, while the main thread answers events."""
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


def test_a_connection_with_its_last_answer_is_closed_for_a_new_one(application: Application) -> None:
    with Server(application, worker_connections=1, timing=Timing(idle=0.1)) as server:
        lasting = server.caller()
        assert ask(lasting, LAST_GET).startswith("pool")
        lasting.sendall(b"still here")
        assert ask(server.caller(), LAST_GET).startswith("pool")


def test_silent_connections_do_not_stop_the_process_from_ending(
    application: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gthread, "STOP_KEEPALIVE_LINGER", 0)
    with Server(application, graceful_timeout=60, keepalive=60) as server:
        server.caller()
        wait_until(lambda: server.untried == 1, 5, "waited for")
        server.stop()
        assert server.connections == 0
