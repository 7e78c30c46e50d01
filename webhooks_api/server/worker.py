"""gunicorn's threaded worker, with fewer thread switches, no waits for slow callers, and errors in our shape."""

from __future__ import annotations

import errno
import select
import socket
from collections import deque
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from math import inf
from selectors import EVENT_READ
from time import monotonic
from typing import Any

import structlog
from gunicorn.util import write_nonblock
from gunicorn.workers.gthread import TConn, ThreadWorker

from webhooks.http.shortages import SeldomLog, shortage_of
from webhooks.runtime.cooperative import run_cooperatively
from webhooks_api.server.connections import Connection
from webhooks_api.server.lingering import Lingering
from webhooks_api.server.unreadable import answer_with, is_unreadable, status_of
from webhooks_api.server.whole_events import is_whole_event

_NONE_WAITS = {errno.EAGAIN, errno.ECONNABORTED}

log = structlog.get_logger()


@dataclass(frozen=True)
class Timing:
    """The times and limits of the worker; times are in seconds.

    Attributes:
        max_events: single events that are answered in one iteration of the main thread, which does nothing else
            meanwhile.
        slow: an iteration that takes longer means that storage is slow. Then events are answered by the pool for
            ten times as long.
        idle: a connection without a request for this long may be closed to make room for another.
        pause: no connection is accepted for this long after one failed for lack of open files or memory.
        send: a caller must read part of an answer within this time; whole seconds.
    """

    max_events: int = 32
    slow: float = 0.2
    idle: float = 1.0
    pause: float = 0.5
    send: int = 10


class Worker(ThreadWorker):
    """Serves the application.

    Single events that have arrived completely are answered cooperatively in the main thread, so that concurrent
    events are stored in one step. Every other request may take a while, and gets a thread of the pool. An idle
    connection has no thread, not even a new one; when there are too many, the longest idle one is closed.
    """

    timing = Timing()

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._whole_events: deque[TConn] = deque()
        self._storage_is_slow_until = 0.0
        self._paused_until = 0.0
        self._shortages = SeldomLog("api.out_of_resources")

    def run(self) -> None:
        """Serve until it is stopped."""
        # Settings do not change any more. As attributes they are found without 25 look-ups for each request.
        self.cfg.__dict__.update({name: setting.get() for name, setting in self.cfg.settings.items()})
        self._lingering = Lingering(self.poller, self._forget)
        super().run()

    def wait_for_and_dispatch_events(self, timeout: float) -> None:
        """Wait until data arrives, answer single events, and pass other requests to the pool."""
        super().wait_for_and_dispatch_events(0 if self._whole_events else timeout)
        if self._whole_events:
            self._answer_events()

    def accept(self, listener: socket.socket) -> None:
        """Accept a connection, and wait for its first request.

        gunicorn gives a connection a thread at once, which waits up to 5 s for data; so few idle connections hold
        up all others. While there are no open files or no memory for another, new callers wait, and idle
        connections are closed.
        """
        try:
            client, address = listener.accept()
        except OSError as error:
            if error.errno in _NONE_WAITS:
                return
            reason = shortage_of(error)
            if reason is None:
                raise
            self._shortages.report(reason)
            self._paused_until = monotonic() + self.timing.pause
            self.set_accept_enabled(False)
            return
        self.nr_conns += 1
        conn = Connection(self.cfg, client, address, listener.getsockname())
        conn.send_timeout = self.timing.send
        conn.set_timeout()
        self.pending_conns.append(conn)
        self.poller.register(client, EVENT_READ, partial(self.on_pending_socket_readable, conn))

    def set_accept_enabled(self, enabled: bool) -> None:
        """Accept connections or not, but never during a pause. gunicorn calls it in each iteration of its loop."""
        super().set_accept_enabled(enabled and monotonic() >= self._paused_until)

    def on_client_socket_readable(self, conn: TConn, client: socket.socket) -> None:
        """Sort a request on a connection that has been used before."""
        if monotonic() > self._storage_is_slow_until and is_whole_event(client):
            self.poller.unregister(client)
            self.keepalived_conns.remove(conn)
            self._whole_events.append(conn)
        else:
            super().on_client_socket_readable(conn, client)

    def handle_request(self, req: Any, conn: TConn) -> Any:
        """Answer a request that has been read; returns whether another may follow."""
        try:
            return super().handle_request(req, conn)
        except BlockingIOError as error:  # gunicorn would log it as an error; it logs no closed connection
            raise BrokenPipeError(errno.EPIPE, "the caller does not read its answer") from error

    def handle_error(self, req: Any, client: socket.socket, addr: Any, exc: Exception) -> None:  # noqa: ARG002
        """Answer a request that is unreadable, or failed outside the application, and end the connection."""
        status = status_of(exc)
        if is_unreadable(exc):
            log.info("api.unreadable", reason=type(exc).__name__, status=status.value)
        else:
            log.error("api.failed", exc_info=exc)
        with suppress(OSError):  # the caller has closed the connection
            write_nonblock(client, answer_with(status))

    def finish_request(self, conn: TConn, fs: Future[Any]) -> None:
        """Keep a connection for the next request, or end it."""
        if not fs.cancelled() and fs.exception() is None and fs.result() is False:
            self._lingering.begin(conn.sock)
        else:
            super().finish_request(conn, fs)

    def murder_pending(self) -> None:
        """End the connections whose callers have taken too long, and make room for others.

        gunicorn calls it at the end of each iteration; before that, any connection may be about to be read.
        """
        super().murder_pending()
        self._lingering.end_overdue()
        while self._is_full() and self._close_longest_idle():
            pass

    def _cap_keepalive(self, deadline: float) -> None:
        """Let no connection that is idle at the deadline keep the process from stopping."""
        super()._cap_keepalive(deadline)
        for conn in self.pending_conns:
            conn.timeout = min(conn.timeout, deadline)

    def _is_full(self) -> bool:
        return bool(self.nr_conns >= self.worker_connections) or monotonic() < self._paused_until

    def _close_longest_idle(self) -> bool:
        """Close the connection that has been idle longest; False if none has been idle long enough.

        It also returns False if data has arrived on it in this iteration, which the next iteration reads.
        """
        waiting = [conns for conns in (self.pending_conns, self.keepalived_conns) if conns]
        idlest = min(waiting, key=lambda conns: conns[0].timeout, default=None)
        since = inf if idlest is None else idlest[0].timeout - self.cfg.keepalive
        if min(since, self._lingering.oldest) > monotonic() - self.timing.idle:
            return False
        if idlest is None or self._lingering.oldest < since:
            self._lingering.end_oldest()
            return True
        if _is_readable(idlest[0].sock):
            return False
        conn = idlest.popleft()
        self.poller.unregister(conn.sock)
        conn.close()
        self._forget()
        return True

    def _answer_events(self) -> None:
        began = monotonic()
        count = min(len(self._whole_events), self.timing.max_events)
        connections = [self._whole_events.popleft() for _ in range(count)]
        outcomes = run_cooperatively(
            [partial(self._answer_in_one_piece, connection) for connection in connections]
        )
        for connection, outcome in zip(connections, outcomes, strict=True):
            self.finish_request(connection, outcome)
        ended = monotonic()
        if ended - began > self.timing.slow:
            self._storage_is_slow_until = ended + 10 * (ended - began)

    def _answer_in_one_piece(self, conn: TConn) -> Any:
        """Answer a request in one packet; gunicorn would send one for the head and one for the body."""
        _cork(conn.sock, True)
        try:
            return self.handle(conn)
        finally:
            _cork(conn.sock, False)

    def _forget(self) -> None:
        self.nr_conns -= 1


def _is_readable(connection: socket.socket) -> bool:
    """Report whether data has arrived, or the caller has closed the connection."""
    poll = select.poll()
    poll.register(connection, select.POLLIN)
    return bool(poll.poll(0))


def _cork(connection: socket.socket, is_corked: bool) -> None:
    """Hold back outgoing data, or send it."""
    with suppress(OSError):  # not a TCP connection, or broken
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, is_corked)
