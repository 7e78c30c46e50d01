"""Malformed HTTP requests, which gunicorn answers in the shape of every other error."""

from __future__ import annotations

import gzip
import json
import socket
from contextlib import suppress
from typing import Any

import pytest

from running import PRODUCER_KEY, Customer, Running
from samples import SAMPLES
from webhooks_api.security.headers import SECURITY_HEADERS

KEY = f"Authorization: Bearer {PRODUCER_KEY}\r\n"
POST = f"POST /api/events HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n{KEY}"
GET = "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"

REQUESTS = {
    "a line that is too long": (414, f"GET /{'a' * 5_000} HTTP/1.1\r\nHost: x\r\n\r\n"),
    "a line that does not end": (414, f"GET /{'a' * 9_000}"),
    "a header that is too long": (431, f"{GET}X-Long: {'a' * 8_200}\r\n\r\n"),
    "headers without number": (431, GET + "".join(f"X-{number}: x\r\n" for number in range(70)) + "\r\n"),
    "a header without a colon": (400, f"{GET}Authorization Bearer {PRODUCER_KEY}\r\n\r\n"),
    "NUL in a header": (400, f"{GET}Authorization: Bearer {PRODUCER_KEY}\0\r\n\r\n"),
    "a header over two lines": (400, f"{GET}Authorization: Bearer\r\n {PRODUCER_KEY}\r\n\r\n"),
    "another protocol": (400, "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n"),
    "no method": (400, "G@T / HTTP/1.1\r\nHost: x\r\n\r\n"),
    "no version": (400, "GET / HTTP/9.9\r\nHost: x\r\n\r\n"),
    "a length below zero": (400, f"{POST}Content-Length: -1\r\n\r\n"),
    "a length that is no number": (400, f"{POST}Content-Length: 2x\r\n\r\n{{}}"),
    "two lengths": (400, f"{POST}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{{}}"),
    "a length and chunks": (400, f"{POST}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    "two types": (400, f"{POST}Content-Type: text/plain\r\nContent-Length: 2\r\n\r\n{{}}"),
    "a length beyond all measure": (413, f"{POST}Content-Length: {'9' * 30}\r\n\r\n"),
    "a body that breaks off": (400, f"{POST}Content-Length: 3\r\n\r\n{{}}"),
    "a transfer coding that there is not": (501, f"{POST}Transfer-Encoding: cake\r\n\r\n"),
    "an expectation that there is not": (417, f"{POST}Expect: cake\r\nContent-Length: 2\r\n\r\n{{}}"),
    "a path below a prefix of the caller's own": (
        404,
        f"{GET.replace('/healthz', '/x/healthz')}SCRIPT_NAME: /x\r\n\r\n",
    ),
    "no key, and 4 MB announced": (
        401,
        f"{GET.replace('/healthz', '/api/profiles')}Content-Length: 4000000\r\n\r\n",
    ),
}


@pytest.mark.parametrize(("status", "request_text"), REQUESTS.values(), ids=REQUESTS)
def test_a_malformed_request_gets_an_error_in_json(running: Running, status: int, request_text: str) -> None:
    """The answer is JSON with the security headers and without a traceback or key; the process keeps running."""
    answered, headers, body = exchange(running, request_text.encode("latin-1"))
    assert (answered, body["status"]) == (status, "error")
    assert body["code"] in {status, 101, 102}
    assert set(body) <= {"action", "status", "code", "message", "errors"}
    assert headers["content-type"] == "application/json; charset=utf-8"
    assert {name: headers.get(name.lower()) for name in SECURITY_HEADERS} == SECURITY_HEADERS
    assert PRODUCER_KEY not in str(body)
    assert PRODUCER_KEY not in running.log("web")
    assert "Traceback" not in running.log("web")
    assert running.call("GET", "/healthz", "").status_code == 200


def test_a_client_that_expects_100_continue_gets_it(running: Running, customer: Customer) -> None:
    ref_id = customer.profile("asks first")
    event = json.dumps({**SAMPLES["social-link"], "refId": ref_id}).encode()
    head = f"{POST}Expect: 100-continue\r\nContent-Length: {len(event)}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", running.port), timeout=120) as connection:
        connection.sendall(head.encode())
        assert connection.recv(65_536).startswith(b"HTTP/1.1 100 Continue\r\n")
        connection.sendall(event)
        status, _, body = read(connection)
    assert (status, body["status"]) == (202, "success")


@pytest.mark.parametrize("how", ["Content-Encoding: gzip", "Transfer-Encoding: gzip, chunked"])
def test_a_compressed_body_is_never_unpacked(running: Running, customer: Customer, how: str) -> None:
    """A few kilobytes could become gigabytes."""
    packed = gzip.compress(json.dumps({**SAMPLES["social-link"], "refId": customer.ref_id}).encode())
    if how.startswith("Transfer"):
        head, packed = f"{POST}{how}\r\n\r\n", b"%x\r\n%s\r\n0\r\n\r\n" % (len(packed), packed)
    else:
        head = f"{POST}{how}\r\nContent-Length: {len(packed)}\r\n\r\n"
    status, _, body = exchange(running, head.encode() + packed)
    assert status in {400, 415}
    assert body["status"] == "error"


def exchange(running: Running, request_bytes: bytes) -> tuple[int, dict[str, str], Any]:
    """Send only these bytes; returns the status, the headers and the JSON of the answer."""
    with socket.create_connection(("127.0.0.1", running.port), timeout=120) as connection:
        connection.sendall(request_bytes)
        connection.shutdown(socket.SHUT_WR)
        return read(connection)


def read(connection: socket.socket) -> tuple[int, dict[str, str], Any]:
    answer = b""
    with suppress(ConnectionResetError):  # the server may close before it has read everything
        while piece := connection.recv(65_536):
            answer += piece
    head, _, body = answer.partition(b"\r\n\r\n")
    line, *headers = head.decode("latin-1").split("\r\n")
    named = (header.partition(": ") for header in headers)
    return int(line.split()[1]), {name.lower(): value for name, _, value in named}, json.loads(body)
