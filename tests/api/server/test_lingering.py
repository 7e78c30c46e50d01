"""Whoever does not hang up is waited for without anybody waiting."""

from __future__ import annotations

import selectors
import socket
import struct
import time
from collections.abc import Iterator

import pytest

from webhooks_api.server.lingering import MOST_BYTES, PATIENCE, Lingering


class Scene:
    """A connection that ends, and a poller that calls when something comes."""

    def __init__(self) -> None:
        self.caller, self.server = socket.socketpair()
        self.poller = selectors.DefaultSelector()
        self.closed = 0
        self.lingering = Lingering(self.poller, self._count)

    def turn(self) -> None:
        """Let the poller call what it has to."""
        for key, _ in self.poller.select(0):
            key.data(key.fileobj)

    @property
    def is_open(self) -> bool:
        """Whether the server's end is."""
        return self.server.fileno() != -1

    def _count(self) -> None:
        self.closed += 1


@pytest.fixture
def scene() -> Iterator[Scene]:
    scene = Scene()
    yield scene
    scene.caller.close()
    scene.server.close()
    scene.poller.close()


def test_the_caller_reads_the_last_answer_and_hangs_up(scene: Scene) -> None:
    scene.server.sendall(b"bye")
    scene.lingering.begin(scene.server)
    scene.turn()
    assert scene.is_open
    assert (scene.caller.recv(9), scene.caller.recv(9)) == (b"bye", b"")
    scene.caller.close()
    scene.turn()
    assert not scene.is_open
    assert scene.closed == 1
    assert scene.poller.get_map() == {}


def test_what_still_comes_is_read_and_thrown_away(scene: Scene) -> None:
    scene.lingering.begin(scene.server)
    scene.caller.sendall(b"more")
    scene.turn()
    scene.turn()
    assert scene.is_open
    scene.caller.shutdown(socket.SHUT_WR)
    scene.turn()
    assert not scene.is_open


def test_not_without_end(scene: Scene) -> None:
    scene.lingering.begin(scene.server)
    sent = 0
    while scene.is_open:
        assert sent <= MOST_BYTES
        sent += scene.caller.send(b"x" * 8192)
        scene.turn()
    assert sent >= MOST_BYTES
    assert scene.closed == 1


def test_and_not_for_ever(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    now = time.monotonic()
    scene.lingering.begin(scene.server)
    monkeypatch.setattr("time.monotonic", lambda: now + PATIENCE - 0.1)
    scene.lingering.end_overdue()
    assert scene.is_open
    monkeypatch.setattr("time.monotonic", lambda: now + PATIENCE + 1)
    scene.lingering.end_overdue()
    scene.lingering.end_overdue()
    assert not scene.is_open
    assert scene.closed == 1
    assert scene.poller.get_map() == {}


def test_a_connection_that_was_reset_is_closed_at_once(scene: Scene) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        caller = socket.create_connection(listener.getsockname())
        server, _ = listener.accept()
    caller.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    caller.close()
    with pytest.raises(ConnectionResetError):
        server.recv(1)
    scene.lingering.begin(server)
    assert server.fileno() == -1
    assert scene.closed == 1
    assert scene.poller.get_map() == {}
