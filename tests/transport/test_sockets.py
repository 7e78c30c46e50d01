"""Sockets that libcurl waits for, and those between two calls, which it has lost interest in."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator

import pycurl
import pytest

from webhooks.http.transport.sockets import Sockets

AT_ONCE = 0.0


@pytest.fixture
def sockets() -> Iterator[Sockets]:
    sockets = Sockets()
    yield sockets
    sockets.close()


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    yield ours, theirs
    ours.close()
    theirs.close()


def test_it_says_what_libcurl_waits_for(sockets: Sockets, ends: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = ends
    sockets.watch(ours.fileno(), pycurl.POLL_IN)
    assert sockets.wait(AT_ONCE) == []
    theirs.send(b"!")
    assert sockets.wait(AT_ONCE) == [(ours.fileno(), pycurl.CSELECT_IN)]
    sockets.watch(ours.fileno(), pycurl.POLL_INOUT)
    assert sockets.wait(AT_ONCE) == [(ours.fileno(), pycurl.CSELECT_IN | pycurl.CSELECT_OUT)]


def test_a_socket_between_calls_says_nothing_and_is_waited_for_in_the_next(
    sockets: Sockets, ends: tuple[socket.socket, socket.socket]
) -> None:
    ours, theirs = ends
    for _ in range(2):
        sockets.watch(ours.fileno(), pycurl.POLL_IN)
        sockets.watch(ours.fileno(), pycurl.POLL_REMOVE)
        theirs.send(b"!")
        assert sockets.wait(AT_ONCE) == []
        sockets.watch(ours.fileno(), pycurl.POLL_IN)
        assert sockets.wait(AT_ONCE) == [(ours.fileno(), pycurl.CSELECT_IN)]
        ours.recv(1)


def test_a_new_socket_may_have_the_number_of_one_that_was_closed(
    sockets: Sockets, ends: tuple[socket.socket, socket.socket]
) -> None:
    ours, theirs = ends
    number = os.dup(ours.fileno())
    sockets.watch(number, pycurl.POLL_IN)
    sockets.watch(number, pycurl.POLL_REMOVE)
    os.dup2(theirs.fileno(), number)  # which closes what had the number
    sockets.opened(number)
    sockets.watch(number, pycurl.POLL_IN)
    ours.send(b"!")
    assert sockets.wait(AT_ONCE) == [(number, pycurl.CSELECT_IN)]
    os.close(number)


def test_one_that_was_closed_and_that_another_process_has_still_does_no_harm(sockets: Sockets) -> None:
    """A process that is just being started has copies of all descriptors, for a moment."""
    ours, theirs = socket.socketpair()
    copy = os.dup(ours.fileno())
    sockets.watch(ours.fileno(), pycurl.POLL_IN)
    sockets.watch(ours.fileno(), pycurl.POLL_REMOVE)
    ours.close()
    theirs.close()
    assert sockets.wait(AT_ONCE) == []
    assert sockets.wait(AT_ONCE) == []
    os.close(copy)
