"""The event loop around a libcurl multi handle: sockets, timers, and a pipe that wakes it."""

from __future__ import annotations

import contextlib
import heapq
import socket
from collections.abc import Callable, Sequence
from itertools import count
from time import monotonic

import pycurl

from webhooks.http.transport.sockets import Sockets
from webhooks.runtime.baton import BATON


class Loop:
    """Runs in one thread; only `wake` and `stop` may be called from others.

    Connections are kept open for the next call to the same host. Opening one takes the time of forty calls, and
    keeping it 90 kB. With one too few for hosts that are called in turn, each call would open a connection: the
    one that has been idle longest is closed for it, and is exactly the one that is needed next.

    Args:
        connections: the maximum number of open connections, in use or idle. A transfer without one waits, so there
            must be more than concurrent transfers.
        on_wake: called in the loop after a `wake`.
        on_end: called in the loop with each handle whose transfer has ended, and libcurl's error code.
    """

    def __init__(
        self, connections: int, on_wake: Callable[[], None], on_end: Callable[[pycurl.Curl, int], None]
    ) -> None:
        self._connections = connections
        self._on_wake = on_wake
        self._on_end = on_end
        self._running = True
        self._curls_timer: float | None = None
        self._timers: list[tuple[float, int, Callable[[], None]]] = []
        self._numbers = count()  # makes timers of the same moment comparable
        self._sockets = Sockets()
        self._woken, self._waker = socket.socketpair()
        self._woken.setblocking(False)
        self._waker.setblocking(False)
        self._is_woken = False
        self._sockets.watch(self._woken.fileno(), pycurl.POLL_IN)
        self._multi = pycurl.CurlMulti()
        self._multi.setopt(pycurl.M_SOCKETFUNCTION, self._watch)
        self._multi.setopt(pycurl.M_TIMERFUNCTION, self._set_timer)
        self._multi.setopt(pycurl.M_MAXCONNECTS, connections)
        self._multi.setopt(pycurl.M_MAX_TOTAL_CONNECTIONS, connections)
        self._transfers = 0
        self._nowhere: pycurl.Curl | None = None

    def wake(self) -> None:
        """Make the loop call `on_wake` soon."""
        if not self._is_woken:
            self._is_woken = True
            with contextlib.suppress(OSError):  # the loop has ended
                self._waker.send(b"!")

    def stop(self) -> None:
        """Make `run` return soon."""
        self._running = False
        self.wake()

    def add(self, handle: pycurl.Curl) -> None:
        """Begin a transfer; call it in the loop's own thread."""
        self._transfers += 1
        if self._nowhere is not None:  # this transfer must not wait for a connection either
            self._multi.setopt(pycurl.M_MAX_TOTAL_CONNECTIONS, self._transfers + 1)
        self._multi.add_handle(handle)

    def close_idle(self) -> None:
        """Close connections that no transfer uses; call it in the loop's own thread.

        libcurl does so only to make room for another connection. So it is asked for one that cannot be opened.
        """
        if self._nowhere is None:
            self._nowhere = _nowhere()
            self._multi.setopt(pycurl.M_MAX_TOTAL_CONNECTIONS, self._transfers + 1)
            self._multi.add_handle(self._nowhere)

    def socket_opened(self, fd: int) -> None:
        """Note a new socket before libcurl waits for it; call it in the loop's own thread."""
        self._sockets.opened(fd)

    def call_at(self, moment: float, action: Callable[[], None]) -> None:
        """Call `action` at a moment of the monotonic clock; call it in the loop's own thread."""
        heapq.heappush(self._timers, (moment, next(self._numbers), action))

    def run(self) -> None:
        """Run until `stop`."""
        try:
            while self._running:
                self._turn()
        finally:
            self._multi.close()
            self._sockets.close()
            self._woken.close()
            self._waker.close()

    def _turn(self) -> None:
        ready = self._sockets.wait(self._pause())
        with BATON:
            self._go_on(ready)

    def _go_on(self, ready: Sequence[tuple[int, int]]) -> None:
        for fd, events in ready:
            if fd == self._woken.fileno():
                self._woken.recv(4096)
                self._is_woken = False  # first, so that a later wake-up takes effect in the next iteration
                self._on_wake()
            else:
                self._multi.socket_action(fd, events)
        if self._curls_timer is not None and monotonic() >= self._curls_timer:
            self._curls_timer = None
            self._multi.socket_action(pycurl.SOCKET_TIMEOUT, 0)
        while self._timers and monotonic() >= self._timers[0][0]:
            _, _, action = heapq.heappop(self._timers)
            action()
        self._report()

    def _pause(self) -> float | None:
        """Return the seconds until the next timer; None if there is none."""
        next_timer = self._timers[0][0] if self._timers else None
        if next_timer is None or (self._curls_timer is not None and self._curls_timer < next_timer):
            next_timer = self._curls_timer
        return None if next_timer is None else max(0.0, next_timer - monotonic())

    def _report(self) -> None:
        left = 1
        while left:
            left, succeeded, failed = self._multi.info_read()
            for handle in succeeded:
                self._end(handle, 0)
            for handle, error, _ in failed:
                self._end(handle, error)

    def _end(self, handle: pycurl.Curl, error: int) -> None:
        if handle is self._nowhere:
            self._nowhere = None
            self._multi.setopt(pycurl.M_MAX_TOTAL_CONNECTIONS, self._connections)
            self._multi.remove_handle(handle)  # last, as libcurl then starts transfers that wait for a connection
            handle.close()
        else:
            self._multi.remove_handle(handle)
            self._transfers -= 1
            self._on_end(handle, error)

    def _set_timer(self, milliseconds: int) -> None:
        self._curls_timer = None if milliseconds < 0 else monotonic() + milliseconds / 1000

    def _watch(self, interest: int, fd: int, _multi: pycurl.CurlMulti, _data: object) -> None:
        self._sockets.watch(fd, interest)


def _nowhere() -> pycurl.Curl:
    """Return a transfer that ends before it has a socket."""
    handle = pycurl.Curl()
    handle.setopt(pycurl.URL, "https://127.0.0.1/")
    handle.setopt(pycurl.PROXY, "")
    handle.setopt(pycurl.NOSIGNAL, True)
    handle.setopt(pycurl.OPENSOCKETFUNCTION, lambda *_: pycurl.SOCKET_BAD)
    return handle
