"""The sockets that libcurl waits for."""

from __future__ import annotations

import select
from contextlib import suppress

import pycurl

#: Sockets whose events are reported in one iteration.
MAX_EVENTS = 100

_INTERESTS = {
    pycurl.POLL_IN: select.EPOLLIN,
    pycurl.POLL_OUT: select.EPOLLOUT,
    pycurl.POLL_INOUT: select.EPOLLIN | select.EPOLLOUT,
}


class Sockets:
    """Waits for events of sockets, by epoll.

    libcurl loses interest in a socket after each call, and is interested again in the next call over the same
    connection. So what it has no interest in stays with epoll until there is an event of it, which saves two calls
    of the system for each call.
    """

    def __init__(self) -> None:
        self._epoll = select.epoll()
        self._asked: dict[int, int] = {}
        self._idle: set[int] = set()

    def watch(self, fd: int, interest: int) -> None:
        """Wait for what libcurl is interested in: one of pycurl's `POLL_…`."""
        if interest == pycurl.POLL_REMOVE:
            self._idle.add(fd)
            return
        self._idle.discard(fd)
        events = _INTERESTS[interest]
        asked = self._asked.get(fd)
        if asked is None:
            self._epoll.register(fd, events)
        elif asked != events:
            self._epoll.modify(fd, events)
        self._asked[fd] = events

    def opened(self, fd: int) -> None:
        """Take note of a new socket: whichever had its number before was closed, and epoll has forgotten that."""
        self._asked.pop(fd, None)
        self._idle.discard(fd)

    def wait(self, seconds: float | None) -> list[tuple[int, int]]:
        """Return sockets with what has happened, in pycurl's `CSELECT_…`; none if nothing does in time."""
        ready = []
        for fd, events in self._epoll.poll(seconds, MAX_EVENTS):
            if fd in self._idle:
                self._let_go(fd)
            else:
                ready.append((fd, _curl_events(events)))
        return ready

    def _let_go(self, fd: int) -> None:
        """Wait no more for a socket between calls. The receiver has closed it most likely, which libcurl will see.

        libcurl may have closed it too. epoll forgets it then, unless a process that is just being started has a
        copy still: until then it reports events of it and accepts no change.
        """
        with suppress(OSError):
            self._epoll.unregister(fd)
        self._asked.pop(fd, None)

    def close(self) -> None:
        """Wait for nothing any more."""
        self._epoll.close()


def _curl_events(events: int) -> int:
    # An error or a hang-up is reported as both: whichever libcurl tries next, it learns of it.
    readable = pycurl.CSELECT_IN if events & ~select.EPOLLOUT else 0
    writable = pycurl.CSELECT_OUT if events & ~select.EPOLLIN else 0
    return readable | writable
