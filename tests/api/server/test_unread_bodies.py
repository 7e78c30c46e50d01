"""An answer is true about its connection, however much of a body has not been read."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from api.conftest import Api, Customer
from api.server.serving import Server
from doubles import PRODUCER_KEY
from webhooks.accounts.rate_limits import WRONG_KEYS

LONG = b"x" * 70_000
CHUNKS = b"11170\r\n" + LONG + b"\r\n0\r\n\r\n"
EMPTY = b"2\r\n{}\r\n0\r\n\r\n"
BROKEN_OFF = b"5\r\nhello\r\n"
BAD_CHUNK = b"zz\r\nhello\r\n0\r\n\r\n"
NEXT = b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"


@dataclass(frozen=True)
class Answered:
    """The status of an answer, and what it says about its connection."""

    status: int
    connection: str


def request(line: str, body: bytes = b"", *fields: str, key: str = "") -> bytes:
    """Return a request with its length, unless the fields say that it comes in chunks."""
    version = "" if line.endswith("HTTP/1.0") else " HTTP/1.1"
    lines = [line + version, "Host: x", *fields]
    if key:
        lines.append(f"Authorization: Bearer {key}")
    if body and "Transfer-Encoding: chunked" not in fields:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + body


CHUNKED = "Transfer-Encoding: chunked"
JSON = "Content-Type: application/json"
KEEP = "Connection: keep-alive"
#: Each request, with the status of its answer and what that says about the connection. API stands for an API key.
REQUESTS = {
    "401, long": (request("POST /api/profiles", LONG), 401, "close"),
    "401, long, another method": (request("DELETE /api/profiles", LONG), 401, "close"),
    "401, short": (request("POST /api/profiles", b"{}"), 401, "keep-alive"),
    "401, none": (request("POST /api/profiles"), 401, "keep-alive"),
    "401, chunks": (request("POST /api/profiles", CHUNKS, CHUNKED), 401, "close"),
    "401, few chunks": (request("POST /api/profiles", EMPTY, CHUNKED), 401, "close"),
    "401, a bad chunk": (request("POST /api/profiles", BAD_CHUNK, CHUNKED), 401, "close"),
    "401, chunks that break off": (request("POST /api/profiles", BROKEN_OFF, CHUNKED), 401, "close"),
    "401, asks first": (request("POST /api/profiles", LONG, "Expect: 100-continue"), 401, "close"),
    "403": (request("POST /api/profiles", LONG, "Profile-Key: wrong", key="API"), 403, "close"),
    "404": (request("POST /api/nothing", LONG), 404, "close"),
    "404, another spelling": (request("POST //api/events", LONG), 404, "close"),
    "405": (request("PUT /api/events", LONG), 405, "close"),
    "413": (request("POST /api/profiles", b"x" * 262_145, JSON, key="API"), 413, "close"),
    "413, chunks": (
        request("POST /api/profiles", b"40001\r\n" + b" " * 0x40001 + b"\r\n0\r\n\r\n", CHUNKED, JSON, key="API"),
        413,
        "close",
    ),
    "413, chunks that go on": (
        request("POST /api/profiles", b"50000\r\n" + b" " * 0x50000 + b"\r\n0\r\n\r\n", CHUNKED, JSON, key="API"),
        413,
        "close",
    ),
    "400, a bad chunk": (request("POST /api/events", BAD_CHUNK, CHUNKED, JSON, key=PRODUCER_KEY), 400, "close"),
    "400, chunks that break off": (
        request("POST /api/events", BROKEN_OFF, CHUNKED, JSON, key=PRODUCER_KEY),
        400,
        "close",
    ),
    "400, read whole": (request("POST /api/events", b"{}", JSON, key=PRODUCER_KEY), 400, "keep-alive"),
    "400, long, read whole": (request("POST /api/events", LONG, JSON, key=PRODUCER_KEY), 400, "keep-alive"),
    "400, chunks, read whole": (
        request("POST /api/events", CHUNKS, CHUNKED, JSON, key=PRODUCER_KEY),
        400,
        "keep-alive",
    ),
    "400, asks first, read whole": (
        request("POST /api/events", b"{}", JSON, "Expect: 100-continue", key=PRODUCER_KEY),
        400,
        "keep-alive",
    ),
    "415, read whole": (request("POST /api/events", LONG, key=PRODUCER_KEY), 415, "keep-alive"),
    "GET with a body": (request("GET /healthz", LONG), 200, "close"),
    "GET with a short body": (request("GET /healthz", b"{}"), 200, "keep-alive"),
    "GET with chunks": (request("GET /healthz", CHUNKS, CHUNKED), 200, "close"),
    "HEAD with a body": (request("HEAD /healthz", LONG), 200, "close"),
    "HEAD": (request("HEAD /healthz"), 200, "keep-alive"),
    "1.0, long": (request("POST /api/profiles HTTP/1.0", LONG, KEEP), 401, "close"),
    "1.0, short": (request("POST /api/profiles HTTP/1.0", b"{}", KEEP), 401, "keep-alive"),
    "1.0, to be kept": (request("GET /healthz HTTP/1.0", b"", KEEP), 200, "keep-alive"),
    "1.0": (request("GET /healthz HTTP/1.0"), 200, "close"),
    "1.0 without a host": (b"GET /healthz HTTP/1.0\r\n\r\n", 200, "close"),
    "an option of several": (request("GET /healthz", b"", "Connection: close, te"), 200, "close"),
    "an option of several, the last": (request("GET /healthz", b"", "Connection: te ,\tClose"), 200, "close"),
    "options in two lines": (request("GET /healthz", b"", "Connection: te", "Connection: close"), 200, "close"),
    "both options": (request("GET /healthz", b"", "Connection: keep-alive", "Connection: close"), 200, "close"),
    "another option": (request("GET /healthz", b"", "Connection: closed"), 200, "keep-alive"),
    "no host": (b"GET /healthz HTTP/1.1\r\n\r\n", 400, "close"),
    "no host, and a body": (b"POST /api/events HTTP/1.1\r\nContent-Length: 70000\r\n\r\n" + LONG, 400, "close"),
    "two hosts": (request("GET /healthz", b"", "Host: x"), 400, "close"),
    "no name of a host": (b"GET /healthz HTTP/1.1\r\nHost: a/b\r\n\r\n", 400, "close"),
    "two names of a host": (b"GET /healthz HTTP/1.1\r\nHost: a, b\r\n\r\n", 400, "close"),
    "a host with a port": (b"GET /healthz HTTP/1.1\r\nHost: api.example:8080\r\n\r\n", 200, "keep-alive"),
    "an address as host": (b"GET /healthz HTTP/1.1\r\nHost: [::1]:8080\r\n\r\n", 200, "keep-alive"),
    "a host without a name": (b"GET /healthz HTTP/1.1\r\nHost:\r\n\r\n", 200, "keep-alive"),
}


@pytest.fixture
def server(api: Api) -> Iterator[Server]:
    with Server(api.app, keepalive=60, worker_connections=100) as server:
        yield server


@pytest.mark.parametrize(("sent", "status", "connection"), REQUESTS.values(), ids=REQUESTS)
def test_an_answer_says_whether_the_connection_stays_open(
    server: Server, customer: Customer, sent: bytes, status: int, connection: str
) -> None:
    """After `keep-alive` another request is answered, after `close` none; each request has one answer."""
    assert exchange(server, sent.replace(b"Bearer API", f"Bearer {customer.key}".encode())) == [
        Answered(status, connection),
        *([Answered(200, "close")] if connection == "keep-alive" else []),
    ]


def test_too_many_wrong_keys_close_the_connection_whose_body_is_long(server: Server) -> None:
    short = request("POST /api/profiles", b"{}", key="wrong")
    for _ in range(WRONG_KEYS.calls):
        assert exchange(server, short) == [Answered(401, "keep-alive"), Answered(200, "close")]
    assert exchange(server, short) == [Answered(429, "keep-alive"), Answered(200, "close")]
    assert exchange(server, request("POST /api/profiles", LONG, key="wrong")) == [Answered(429, "close")]


def test_an_incomplete_body_closes_the_connection(server: Server) -> None:
    sent = request("POST /api/events", b"{}", JSON, key=PRODUCER_KEY)[:-1]
    assert exchange(server, sent, behind=b"") == [Answered(400, "close")]


@pytest.mark.parametrize("size", [100_000, 1_000_000, 5_000_000])
@pytest.mark.parametrize("how", ["", CHUNKED])
def test_a_caller_that_sends_all_of_a_long_body_can_read_the_refusal(server: Server, size: int, how: str) -> None:
    """Such a client reads its answer only at the end, and the connection must not be reset before."""
    body = b"%x\r\n%s\r\n0\r\n\r\n" % (size, b"x" * size) if how else b"x" * size
    assert exchange(server, request("POST /api/profiles", body, *filter(None, [how]))) == [Answered(401, "close")]


def test_a_caller_that_is_refused_while_sending_occupies_no_thread(server: Server) -> None:
    head = request("POST /api/profiles", LONG)[: -len(LONG)]
    for _ in range(8):
        caller = server.caller()
        caller.sendall(head + b"x")
        assert read_answers(caller, 1) == [Answered(401, "close")]
    assert exchange(server, request("GET /healthz")) == [Answered(200, "keep-alive"), Answered(200, "close")]


def failing(_: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Fail before an answer has started."""
    raise RuntimeError(start_response)


def breaking_off(_: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Fail in the middle of an answer."""
    start_response("200 OK", [("Content-Length", "9")])
    yield b"x"
    raise RuntimeError


@pytest.mark.parametrize(("application", "status"), [(failing, 500), (breaking_off, 200)])
@pytest.mark.parametrize("body", [b"", b"{}", LONG])
def test_an_application_that_fails_gives_one_answer_at_most(
    application: Callable[..., Any], status: int, body: bytes
) -> None:
    with Server(application, keepalive=60, worker_connections=100) as server:
        caller = server.caller()
        caller.sendall(request("POST /", body) + NEXT)
        assert [answer.status for answer in read_answers(caller)] == [status]


def exchange(server: Server, sent: bytes, behind: bytes = NEXT) -> list[Answered]:
    """Send a request and another behind it; returns all bytes until the connection ends."""
    caller = server.caller()
    caller.sendall(sent)
    caller.sendall(behind)
    caller.shutdown(socket.SHUT_WR)
    return read_answers(caller)


def read_answers(caller: socket.socket, most: int | None = None) -> list[Answered]:
    """Return what the answers say until the connection ends, or only the first; 100 is left out."""
    text = b""
    pattern = re.compile(rb"HTTP/1\.[01] (?!100)([0-9]{3}) .*?\r\n[Cc]onnection: ([a-z-]+)\r\n", re.DOTALL)
    while (most is None or len(pattern.findall(text)) < most) and (piece := caller.recv(65_536)):
        text += piece
    return [Answered(int(status), connection.decode()) for status, connection in pattern.findall(text)]
