"""The main thread answers a request at once if it can do so without waiting."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import suppress

import pytest

from webhooks_api.server.whole_events import MAX_BYTES, is_whole_event

POST = b"POST /api/events HTTP/1.1\r\nHost: x\r\n"


class Connection:
    """Both ends of a connection."""

    def __init__(self) -> None:
        self.caller, self.server = socket.socketpair()

    def close(self) -> None:
        """Close both."""
        self.caller.close()
        self.server.close()


@pytest.fixture
def connection() -> Iterator[Connection]:
    connection = Connection()
    yield connection
    connection.close()


@pytest.mark.parametrize(
    "arrived",
    [
        POST + b"Content-Length: 2\r\n\r\n{}",
        POST + b"content-length:2\r\nAuthorization: Bearer k\r\n\r\n{}",
        POST + b"Content-Length: 2\r\n\r\n{}POST /api/events HTTP/1.1\r\n",
        POST + b"Content-Length: 8000\r\n\r\n" + b"x" * 8000,
        POST + b"X-Content-Length: 9\r\nContent-Length: 0\r\n\r\n",
        POST + b'Content-Length: 28\r\n\r\n{"displayName":"Caf\\u00e9 7"}',
    ],
)
def test_a_complete_event_request_is_recognized(connection: Connection, arrived: bytes) -> None:
    connection.caller.sendall(arrived)
    assert is_whole_event(connection.server)
    assert connection.server.recv(MAX_BYTES) == arrived  # the received bytes are still there


@pytest.mark.parametrize(
    "arrived",
    [
        b"",
        b"POST",
        POST,
        POST + b"Content-Length: 2\r\n",
        POST + b"Content-Length: 2\r\n\r\n",
        POST + b'Content-Length: 13\r\n\r\n{"events":[]}',
        POST + b'Content-Length: 14\r\n\r\n{"events" :[]}',
        POST + b'Content-Length: 18\r\n\r\n{"\\u0065vents":[]}',
        POST + b'Content-Length: 18\r\n\r\n{"event\\u0073":[]}',
        POST + b"Content-Length: 2\r\n\r\n{",
        POST + b"\r\n{}",
        POST + b"Content-Length: 2 \r\n\r\n{}",
        POST + b"Content-Length: +2\r\n\r\n{}",
        POST + b"Content-Length: 0x2\r\n\r\n{}",
        POST + b"Content-Length: \xb2\r\n\r\n{}",
        POST + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
        POST + b"Content-Length: 2\r\ncontent-length: 2\r\n\r\n{}",
        POST + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}",
        POST + b"Content-Length: 2\r\nExpect: 100-continue\r\n\r\n{}",
        POST + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
        POST + b"Content-Length: 9000\r\n\r\n" + b"x" * 9000,
        POST + b"Content-Length: 99999\r\n\r\n" + b"x" * 8192,
        POST + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n{}",
        POST + b"X: " + b"x" * 9000,
        POST.replace(b"1.1", b"1.0") + b"Content-Length: 2\r\n\r\n{}",
        POST.replace(b"events", b"profiles") + b"Content-Length: 2\r\n\r\n{}",
        POST.replace(b"events", b"events/active") + b"Content-Length: 2\r\n\r\n{}",
        b"GET / HTTP/1.1\r\nX: " + POST + b"Content-Length: 2\r\n\r\n{}",
        b"\r\n" + POST + b"Content-Length: 2\r\n\r\n{}",
    ],
)
def test_every_other_request_is_left_to_a_thread(connection: Connection, arrived: bytes) -> None:
    connection.caller.sendall(arrived)
    assert not is_whole_event(connection.server)


def test_an_event_whose_caller_reads_no_answers_is_left_to_a_thread(connection: Connection) -> None:
    connection.caller.sendall(POST + b"Content-Length: 2\r\n\r\n{}")
    connection.server.setblocking(False)
    with suppress(BlockingIOError):
        while connection.server.send(b"an answer" * 100):
            pass
    assert not is_whole_event(connection.server)


def test_a_tls_connection_is_left_to_a_thread(connection: Connection) -> None:
    connection.caller.sendall(POST + b"Content-Length: 2\r\n\r\n{}")
    server = ssl.create_default_context().wrap_socket(
        connection.server, server_hostname="x", do_handshake_on_connect=False
    )
    assert not is_whole_event(server)
    connection.server = server


def test_a_broken_connection_is_left_to_a_thread(connection: Connection) -> None:
    connection.caller.sendall(POST + b"Content-Length: 2\r\n\r\n{}")
    connection.server.close()
    assert not is_whole_event(connection.server)
