"""The server waits for a client that does not hang up, without blocking a thread."""

from __future__ import annotations

import math
import selectors
import socket
import struct
from collections.abc import Iterator

import pytest

from webhooks_api.server.lingering import LONGEST, MAX_BYTES, PATIENCE, Lingering


class Scene:
    """A connection that ends, and a poller that calls back when bytes arrive."""

    def __init__(self) -> None:
        self.caller, self.server = socket.socketpair()
        self.poller = selectors.DefaultSelector()
        self.closed = 0
        self.lingering = Lingering(self.poller, self._count)

    def turn(self) -> None:
        """Let the poller make its calls."""
        for key, _ in self.poller.select(0):
            key.data(key.fileobj)

    @property
    def is_open(self) -> bool:
        """Whether the end of the server is open."""
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


def test_the_caller_can_read_the_last_answer_and_hang_up(scene: Scene) -> None:
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


def test_the_rest_of_a_request_is_read_and_discarded(scene: Scene) -> None:
    scene.lingering.begin(scene.server)
    scene.caller.sendall(b"more")
    scene.turn()
    scene.turn()
    assert scene.is_open
    scene.caller.shutdown(socket.SHUT_WR)
    scene.turn()
    assert not scene.is_open


def test_reading_the_rest_of_a_request_has_a_limit(scene: Scene) -> None:
    scene.lingering.begin(scene.server)
    sent = 0
    while scene.is_open:
        assert sent <= MAX_BYTES
        sent += scene.caller.send(b"x" * 65_536)
        scene.turn()
    assert sent >= MAX_BYTES
    assert scene.closed == 1


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("time.monotonic", clock)
    return clock


def test_a_silent_caller_has_a_deadline(scene: Scene, clock: Clock) -> None:
    scene.lingering.begin(scene.server)
    clock.now += PATIENCE - 0.1
    scene.lingering.end_overdue()
    assert scene.is_open
    clock.now += 0.2
    scene.lingering.end_overdue()
    scene.lingering.end_overdue()
    assert not scene.is_open
    assert scene.closed == 1
    assert scene.poller.get_map() == {}


def test_a_caller_that_keeps_sending_has_a_deadline(scene: Scene, clock: Clock) -> None:
    """Until then the server waits, as the client reads the refusal only after it has sent everything."""
    scene.lingering.begin(scene.server)
    end = clock.now + LONGEST
    while clock.now + 1 < end:
        clock.now += 1
        scene.caller.sendall(b"x")
        scene.turn()
        scene.lingering.end_overdue()
        assert scene.is_open
    clock.now = end + 0.1
    scene.caller.sendall(b"x")
    scene.turn()
    scene.lingering.end_overdue()
    assert not scene.is_open


def test_the_oldest_connection_can_be_closed_to_free_capacity(scene: Scene) -> None:
    other, caller = socket.socketpair()
    scene.lingering.begin(scene.server)
    scene.lingering.begin(other)
    scene.lingering.end_oldest()
    assert (scene.is_open, other.fileno() != -1) == (False, True)
    scene.lingering.end_oldest()
    assert scene.closed == 2
    assert scene.lingering.oldest == math.inf
    scene.lingering.end_oldest()
    assert scene.poller.get_map() == {}
    caller.close()


def test_a_reset_connection_is_closed_at_once(scene: Scene) -> None:
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
