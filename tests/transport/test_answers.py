"""The outcome of any answer: its status, failure, detail, and the beginning of its body."""

from __future__ import annotations

import gzip
from collections.abc import Sequence

import pytest

from transport.conftest import Post
from transport.raw_server import RawServer
from webhooks.http.call import Detail, Failure
from webhooks.http.transport.exchange import KEPT_BODY_BYTES, MAX_BODY_BYTES, MAX_HEADER_BYTES
from webhooks_local.certificates import Certificates

BOMB = gzip.compress(b"\0" * 10_000_000)
LONG = b"x" * (MAX_BODY_BYTES + 1)
CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"


def answer(*lines: bytes, status: int = 200, length: int | None = None, body: bytes = b"") -> bytes:
    """Return an answer; its Content-Length is correct unless `length` says otherwise."""
    length = len(body) if length is None else length
    return b"\r\n".join([b"HTTP/1.1 %d Some" % status, b"Content-Length: %d" % length, *lines, b"", body])


@pytest.mark.parametrize(
    ("sent", "status", "detail", "body"),
    [
        pytest.param(answer(body=b"ok"), 200, None, b"ok", id="a plain one"),
        pytest.param(answer(status=500, body=b"no"), 500, None, b"no", id="an error"),
        pytest.param(answer(status=204), 204, None, b"", id="no content"),
        pytest.param(answer(body=LONG), 200, Detail.BODY_TOO_LARGE, LONG[:KEPT_BODY_BYTES], id="a long body"),
        pytest.param(answer(status=500, body=LONG), 500, Detail.BODY_TOO_LARGE, LONG[:KEPT_BODY_BYTES], id="both"),
        pytest.param(answer(length=9, body=b"hello"), 200, Detail.BODY_RESET, b"hello", id="a short body"),
        pytest.param(b"HTTP/1.1 200 OK\r\n" + CHUNKED, 200, Detail.BODY_RESET, b"hello", id="a missing chunk"),
        pytest.param(
            b"HTTP/1.1 200 OK\r\n" + CHUNKED + b"zz\r\n", 200, Detail.BODY_MALFORMED, b"hello", id="a bad chunk"
        ),
        pytest.param(
            b"HTTP/1.1 200 OK\r\n" + CHUNKED + b"0\r\n" + b"X-Trailer: drop\r\n" * 4000,
            200,
            Detail.BODY_TOO_LARGE,
            b"hello",
            id="endless trailers",
        ),
        pytest.param(
            b"HTTP/1.1 103 Early Hints\r\n\r\n" * 3 + answer(status=500), 500, None, b"", id="early hints"
        ),
        pytest.param(b"HTTP/1.1 100 Continue\r\n\r\n" * 3 + answer(), 200, None, b"", id="continue"),
        pytest.param(answer(b"Content-Encoding: gzip", body=BOMB), 200, None, BOMB, id="a bomb"),
        pytest.param(answer(b"Content-Encoding: gzip", body=b"no gzip"), 200, None, b"no gzip", id="no gzip"),
    ],
)
def test_a_status_counts_even_if_the_body_fails(
    post: Post,
    certificates: Certificates,
    sent: bytes,
    status: int,
    detail: Detail | None,
    body: bytes,
) -> None:
    """Nothing is decompressed, and only the beginning is kept."""
    with RawServer(sent, certificates.receiver) as server:
        outcome = post(f"https://127.0.0.1:{server.port}/")
    assert (outcome.status, outcome.failure, outcome.detail) == (status, None, detail)
    assert outcome.body == body[:KEPT_BODY_BYTES]
    assert outcome.succeeded is (status < 300)


@pytest.mark.parametrize(
    ("sent", "failure"),
    [
        pytest.param(b"hello", Failure.PROTOCOL, id="no HTTP at all"),
        pytest.param(b"HTTP/1.1 099 Odd\r\n\r\n", Failure.PROTOCOL, id="a status below 100"),
        pytest.param(b"HTTP/1.1 2000 OK\r\n\r\n", Failure.PROTOCOL, id="a status of four digits"),
        pytest.param(b"HTTP/2 200\r\n\r\n", Failure.PROTOCOL, id="a version that was not asked for"),
        pytest.param(b"HTTP/1.1 200 OK\r\n", Failure.RESET, id="a status line alone"),
        pytest.param(answer(b"Content-Length: 7"), Failure.PROTOCOL, id="two lengths"),
        pytest.param(answer(length=-5), Failure.PROTOCOL, id="a negative length"),
        pytest.param(answer(b"X: a\0b"), Failure.PROTOCOL, id="a NUL in the head"),
        pytest.param(b"HTTP/1.1 101 Switching Protocols\r\n\r\n", Failure.RESET, id="another protocol"),
        pytest.param(b"", Failure.RESET, id="nothing"),
        pytest.param(b"HTTP/1.1 200 OK\r\nX: y", Failure.RESET, id="half a head"),
        pytest.param(answer(*[b"X: %d" % n for n in range(9000)]), Failure.TOO_LARGE, id="a long head"),
        pytest.param(answer(b"X: " + b"y" * MAX_HEADER_BYTES), Failure.TOO_LARGE, id="a long line"),
        pytest.param(answer(b"X: " + b"y" * 500_000), Failure.TOO_LARGE, id="a very long line"),
        pytest.param(b"HTTP/1.1 103 Hints\r\n\r\n" * 9000, Failure.TOO_LARGE, id="endless hints"),
    ],
)
def test_a_malformed_answer_has_a_reason(
    post: Post, certificates: Certificates, sent: bytes, failure: Failure
) -> None:
    with RawServer(sent, certificates.receiver) as server:
        outcome = post(f"https://127.0.0.1:{server.port}/")
    assert (outcome.status, outcome.failure, outcome.detail) == (None, failure, None)


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        pytest.param(answer(length=9, body=b"hello"), (200, None, Detail.BODY_TIMEOUT), id="a success"),
        pytest.param(answer(status=500, length=9), (503, Failure.TIMEOUT, None), id="an error"),
        pytest.param(b"HTTP/1.1 200 OK\r\nX: y", (503, Failure.TIMEOUT, None), id="half a head"),
        pytest.param(b"HTTP/1.1 100 Continue\r\n\r\n", (503, Failure.TIMEOUT, None), id="no more than continue"),
    ],
)
def test_a_stalled_body_does_not_change_a_successful_status(
    post: Post, certificates: Certificates, sent: bytes, expected: Sequence[object]
) -> None:
    """A retry would only repeat the event."""
    with RawServer(sent, certificates.receiver, hangs_up=False) as server:
        outcome = post(f"https://127.0.0.1:{server.port}/")
    assert (outcome.status, outcome.failure, outcome.detail) == tuple(expected)
