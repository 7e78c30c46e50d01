"""The sockets that libcurl waits for."""

from __future__ import annotations

import select
from contextlib import suppress

import pycurl

#: The maximum number of sockets whose events are reported in one iteration.
MAX_EVENTS = 100

_INTERESTS = {
    pycurl.POLL_IN: select.EPOLLIN,
    pycurl.POLL_OUT: select.EPOLLOUT,
    pycurl.POLL_INOUT: select.EPOLLIN | select.EPOLLOUT,
}


class Sockets:
    """Waits for events of sockets, by epoll.

    libcurl stops watching a socket after each call, and watches it again for the next call over the same
    connection. So an unwatched socket stays registered with epoll until it has an event, which saves two system
    calls for each call.
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
        """Note a new socket: an earlier one with its number was closed, and epoll has removed it."""
        self._asked.pop(fd, None)
        self._idle.discard(fd)

    def wait(self, seconds: float | None) -> list[tuple[int, int]]:
        """Return sockets with their events as pycurl's `CSELECT_…`; none if there is no event in time."""
        ready = []
        for fd, events in self._epoll.poll(seconds, MAX_EVENTS):
            if fd in self._idle:
                self._let_go(fd)
            else:
                ready.append((fd, _curl_events(events)))
        return ready

    def _let_go(self, fd: int) -> None:
        """Stop waiting for a socket between calls. Most likely the receiver has closed it, which libcurl will see.

        libcurl may have closed it too. Then epoll removes it, unless a process that is just being started has a
        copy: until then, epoll reports its events and accepts no change.
        """
        with suppress(OSError):
            self._epoll.unregister(fd)
        self._asked.pop(fd, None)

    def close(self) -> None:
        """Close epoll."""
        self._epoll.close()


def _curl_events(events: int) -> int:
    # An error or a closed connection is reported as both, so that libcurl sees it whichever it tries next.
    readable = pycurl.CSELECT_IN if events & ~select.EPOLLOUT else 0
    writable = pycurl.CSELECT_OUT if events & ~select.EPOLLIN else 0
    return readable | writable
