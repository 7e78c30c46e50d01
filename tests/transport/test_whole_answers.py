"""A GET whose answer is kept completely, with its headers, as feeds are fetched."""

from __future__ import annotations

import pytest

from transport.conftest import TIMEOUT, Post, ending_of
from transport.raw_server import RawServer
from webhooks.http.call import Call, Detail, Failure, Outcome
from webhooks.http.destinations import read_url
from webhooks.http.transport import Transport
from webhooks.http.transport.exchange import KEPT_BODY_BYTES, MAX_BODY_BYTES
from webhooks_local.certificates import Certificates
from webhooks_local.receiver import Receiver

WHOLE = 300_000


def get(transport: Transport, url: str, **headers: str) -> Outcome:
    """Make one call, and return its outcome."""
    ending = ending_of(transport, Call(read_url(url), headers, b"", method="GET", keeps=WHOLE))
    assert isinstance(ending, Outcome)
    return ending


def answer(body: bytes, *lines: bytes) -> bytes:
    return b"\r\n".join([b"HTTP/1.1 200 OK", b"Content-Length: %d" % len(body), *lines, b"", body])


def test_a_get_has_its_headers_and_no_body(transport: Transport, receiver: Receiver) -> None:
    assert get(transport, receiver.url("/ok/feed"), Accept="text/xml").status == 200
    (call,) = receiver.calls("/ok/feed")
    assert (call.method, call.body) == ("GET", b"")
    assert call.header("Accept") == "text/xml"
    assert call.header("User-Agent") == "Ringback/test"
    assert call.header("Content-Length") is None


def test_a_get_may_follow_a_post_and_a_post_a_get(transport: Transport, post: Post, receiver: Receiver) -> None:
    """Calls are made one by one, so all use the same connection. The handle of a GET is not reused."""
    for number in (1, 2):
        assert post(receiver.url(f"/ok/post-{number}")).succeeded
        assert get(transport, receiver.url(f"/ok/get-{number}")).succeeded
    calls = [(call.method, call.body, call.header("Content-Length")) for call in receiver.calls()]
    assert calls == [("POST", b'{"ok":1}', "8"), ("GET", b"", None)] * 2


def test_a_delivery_after_a_feed_keeps_no_more_of_its_answer_than_others(
    transport: Transport, post: Post, certificates: Certificates
) -> None:
    with RawServer(answer(b"x" * WHOLE), certificates.receiver) as server:
        assert len(get(transport, f"https://127.0.0.1:{server.port}/").body) == WHOLE
        outcome = post(f"https://127.0.0.1:{server.port}/")
    assert (outcome.detail, len(outcome.body)) == (Detail.BODY_TOO_LARGE, KEPT_BODY_BYTES)


def test_the_answers_headers_are_kept_in_lower_case(transport: Transport, certificates: Certificates) -> None:
    """Those of the last answer; an interim answer before it is ignored."""
    hint = b"HTTP/1.1 103 Early Hints\r\nX-Hint: yes\r\n\r\n"
    sent = hint + answer(b"body", b'ETag: "a:b"', b"LAST-modified:  Mon ")
    with RawServer(sent, certificates.receiver) as server:
        outcome = get(transport, f"https://127.0.0.1:{server.port}/")
    assert outcome.headers == {"content-length": "4", "etag": '"a:b"', "last-modified": "Mon"}


def test_trailers_are_not_headers(transport: Transport, certificates: Certificates) -> None:
    sent = b'HTTP/1.1 200 OK\r\nETag: "a"\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nETag: "b"\r\n\r\n'
    with RawServer(sent, certificates.receiver) as server:
        outcome = get(transport, f"https://127.0.0.1:{server.port}/")
    assert (outcome.headers["etag"], outcome.body) == ('"a"', b"x")


@pytest.mark.parametrize("length", [KEPT_BODY_BYTES + 1, MAX_BODY_BYTES + 1, WHOLE])
def test_a_body_is_kept_completely(transport: Transport, certificates: Certificates, length: int) -> None:
    body = bytes(range(250)) * (length // 250) + b"x" * (length % 250)
    with RawServer(answer(body), certificates.receiver) as server:
        outcome = get(transport, f"https://127.0.0.1:{server.port}/")
    assert (outcome.status, outcome.failure, outcome.detail) == (200, None, None)
    assert outcome.body == body


def test_a_body_that_is_too_large_is_not_read_completely(transport: Transport, certificates: Certificates) -> None:
    """A hundred times as long; the connection is closed long before its end."""
    with RawServer(answer(b"x" * (100 * WHOLE)), certificates.receiver) as server:
        outcome = get(transport, f"https://127.0.0.1:{server.port}/")
    assert (outcome.status, outcome.detail, len(outcome.body)) == (200, Detail.BODY_TOO_LARGE, WHOLE)


def test_a_redirect_is_an_answer_and_is_not_followed(transport: Transport, receiver: Receiver) -> None:
    outcome = get(transport, receiver.url("/redirect/1"))
    assert (outcome.status, outcome.headers["location"]) == (302, "/ok/redirected/1")
    assert [call.path for call in receiver.calls()] == ["/redirect/1"]


def test_the_address_is_checked_as_for_any_call(receiver: Receiver, certificates: Certificates) -> None:
    strict = Transport(TIMEOUT, "Ringback/test", (), certificates.authority)
    assert get(strict, receiver.url("/ok/1")).failure is Failure.BLOCKED
    strict.close()
    assert receiver.calls() == []


def test_a_delivery_keeps_no_headers(post: Post, receiver: Receiver) -> None:
    assert post(receiver.url("/ok/1")).headers == {}
