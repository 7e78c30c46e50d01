"""The sockets that libcurl waits for, and those that are idle between two calls."""

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


def test_it_registers_the_sockets_of_libcurl(sockets: Sockets, ends: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = ends
    sockets.watch(ours.fileno(), pycurl.POLL_IN)
    assert sockets.wait(AT_ONCE) == []
    theirs.send(b"!")
    assert sockets.wait(AT_ONCE) == [(ours.fileno(), pycurl.CSELECT_IN)]
    sockets.watch(ours.fileno(), pycurl.POLL_INOUT)
    assert sockets.wait(AT_ONCE) == [(ours.fileno(), pycurl.CSELECT_IN | pycurl.CSELECT_OUT)]


def test_an_idle_socket_is_registered_again_for_the_next_call(
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


def test_a_new_socket_may_reuse_the_number_of_a_closed_one(
    sockets: Sockets, ends: tuple[socket.socket, socket.socket]
) -> None:
    ours, theirs = ends
    number = os.dup(ours.fileno())
    sockets.watch(number, pycurl.POLL_IN)
    sockets.watch(number, pycurl.POLL_REMOVE)
    os.dup2(theirs.fileno(), number)  # which closes the earlier socket with that number
    sockets.opened(number)
    sockets.watch(number, pycurl.POLL_IN)
    ours.send(b"!")
    assert sockets.wait(AT_ONCE) == [(number, pycurl.CSELECT_IN)]
    os.close(number)


def test_a_closed_socket_that_another_process_holds_is_harmless(sockets: Sockets) -> None:
    """A process that is being started has copies of all descriptors for a moment."""
    ours, theirs = socket.socketpair()
    copy = os.dup(ours.fileno())
    sockets.watch(ours.fileno(), pycurl.POLL_IN)
    sockets.watch(ours.fileno(), pycurl.POLL_REMOVE)
    ours.close()
    theirs.close()
    assert sockets.wait(AT_ONCE) == []
    assert sockets.wait(AT_ONCE) == []
    os.close(copy)
