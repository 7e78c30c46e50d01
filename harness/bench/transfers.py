"""Concurrent transfers in one thread, as cheaply as libcurl and epoll allow.

This is not the product's own loop, so that the load and the limit do not change with it.
"""

from __future__ import annotations

import select
from time import monotonic

import pycurl

_INTERESTS = {
    pycurl.POLL_IN: select.EPOLLIN,
    pycurl.POLL_OUT: select.EPOLLOUT,
    pycurl.POLL_INOUT: select.EPOLLIN | select.EPOLLOUT,
}


class Transfers:
    """Drives easy handles; each may be started again when it has ended, and keeps its connection."""

    def __init__(self, connections: int) -> None:
        self._epoll = select.epoll()
        self._watched: set[int] = set()
        self._timer: float | None = None
        self._multi = pycurl.CurlMulti()
        self._multi.setopt(pycurl.M_SOCKETFUNCTION, self._watch)
        self._multi.setopt(pycurl.M_TIMERFUNCTION, self._set_timer)
        self._multi.setopt(pycurl.M_MAXCONNECTS, connections)

    def start(self, handle: pycurl.Curl) -> None:
        """Start a transfer."""
        self._multi.add_handle(handle)

    def turn(self, patience: float) -> list[pycurl.Curl]:
        """Continue the transfers until some have ended or `patience` seconds have passed, and return those.

        Raises:
            ConnectionError: one has failed.
        """
        for fd, events in self._epoll.poll(self._pause(patience)):
            self._multi.socket_action(fd, _curl_events(events))
        if self._timer is not None and monotonic() >= self._timer:
            self._timer = None
            self._multi.socket_action(pycurl.SOCKET_TIMEOUT, 0)
        return self._ended()

    def _pause(self, patience: float) -> float:
        return patience if self._timer is None else min(patience, max(0.0, self._timer - monotonic()))

    def _ended(self) -> list[pycurl.Curl]:
        ended: list[pycurl.Curl] = []
        left = 1
        while left:
            left, succeeded, failed = self._multi.info_read()
            if failed:
                raise ConnectionError(failed[0][2])
            ended += succeeded
        for handle in ended:
            self._multi.remove_handle(handle)
        return ended

    def _set_timer(self, milliseconds: int) -> None:
        self._timer = None if milliseconds < 0 else monotonic() + milliseconds / 1000

    def _watch(self, interest: int, fd: int, _multi: pycurl.CurlMulti, _data: object) -> None:
        if interest == pycurl.POLL_REMOVE:
            self._watched.discard(fd)
            self._epoll.unregister(fd)
        elif fd in self._watched:
            self._epoll.modify(fd, _INTERESTS[interest])
        else:
            self._watched.add(fd)
            self._epoll.register(fd, _INTERESTS[interest])


def _curl_events(events: int) -> int:
    readable = pycurl.CSELECT_IN if events & ~select.EPOLLOUT else 0
    writable = pycurl.CSELECT_OUT if events & select.EPOLLOUT else 0
    return readable | writable
