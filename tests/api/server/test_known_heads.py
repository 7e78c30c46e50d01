"""A head that is known says what it said when it was read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from gunicorn.config import Config
from gunicorn.http.errors import InvalidHeaderName
from gunicorn.http.message import Request
from gunicorn.http.parser import RequestParser

from webhooks_api.server import known_heads
from webhooks_api.server.known_heads import KnownRequest

HEAD = b"POST /api/events?a=b HTTP/1.1\r\nHost: x\r\nX-Forwarded-Proto: https\r\nContent-Length: 2\r\n\r\n"
PROXY, STRANGER = ("127.0.0.1", 1), ("192.0.2.1", 1)
#: What belongs to the connection or the body, and not to the head.
OTHERS = {"unreader", "body", "peer_addr", "remote_addr", "req_number"}


@pytest.fixture(autouse=True)
def heads_read(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[bytes]]:
    """The heads that gunicorn reads; none is known before."""
    heads: list[bytes] = []
    read = Request._parse_python

    def parse(request: Request, unreader: Any, arrived: bytearray) -> Any:
        heads.append(bytes(arrived))
        return read(request, unreader, arrived)

    monkeypatch.setattr(Request, "_parse_python", parse)
    KnownRequest._known.clear()
    yield heads
    KnownRequest._known.clear()


def request(*arrived: bytes, peer: Any = PROXY) -> Request:
    """Return the request that has come in these pieces."""
    parser = RequestParser(Config(), iter(arrived), peer)
    parser.mesg_class = KnownRequest
    return next(parser)


def of_its_head(request: Request) -> dict[str, Any]:
    return {name: value for name, value in vars(request).items() if name not in OTHERS and name != "cfg"}


def test_a_head_that_came_before_is_not_read_again(heads_read: list[bytes]) -> None:
    first, second = request(HEAD + b"{}"), request(HEAD + b"[]")
    assert len(heads_read) == 1
    assert of_its_head(first) == of_its_head(second)
    assert (second.method, second.path, second.query, second.scheme) == ("POST", "/api/events", "a=b", "https")
    assert (first.body.read(), second.body.read()) == (b"{}", b"[]")


def test_it_is_read_as_gunicorn_reads_it() -> None:
    parser = RequestParser(Config(), iter([HEAD + b"{}"]), PROXY)
    expected = of_its_head(next(parser))
    assert of_its_head(request(HEAD + b"{}")) == of_its_head(request(HEAD + b"{}")) == expected


@pytest.mark.parametrize(
    "other",
    [
        HEAD.replace(b"Length: 2", b"Length: 1"),
        HEAD.replace(b"Host: x", b"Host: y"),
        HEAD.replace(b"a=b", b"a=c"),
        HEAD.replace(b"Host: x", b"Host: x\r\nAuthorization: Bearer k"),
    ],
)
def test_a_head_that_differs_is_read(heads_read: list[bytes], other: bytes) -> None:
    request(HEAD + b"{}")
    request(other + b"{}")
    assert len(heads_read) == 2


def test_what_a_proxy_may_say_a_stranger_may_not() -> None:
    assert request(HEAD + b"{}", peer=PROXY).scheme == "https"
    assert request(HEAD + b"{}", peer=STRANGER).scheme == "http"
    assert request(HEAD + b"{}", peer="").scheme == "https"


def test_callers_on_other_ports_of_an_address_are_the_same(heads_read: list[bytes]) -> None:
    request(HEAD + b"{}", peer=("192.0.2.1", 1))
    request(HEAD + b"{}", peer=("192.0.2.1", 2))
    assert len(heads_read) == 1


def test_what_is_done_to_a_request_is_not_done_to_the_next() -> None:
    request(HEAD + b"{}").headers.append(("X", "y"))
    request(HEAD + b"{}").headers.clear()
    assert request(HEAD + b"{}").headers == [
        ("HOST", "x"),
        ("X-FORWARDED-PROTO", "https"),
        ("CONTENT-LENGTH", "2"),
    ]


@pytest.mark.parametrize("cut", [1, 20, len(HEAD) - 1])
def test_a_head_in_pieces_is_read(cut: int) -> None:
    for _ in range(2):
        assert request(HEAD[:cut], HEAD[cut:] + b"{}").body.read() == b"{}"
    assert KnownRequest._known == {}


def test_a_body_in_pieces_is_read_whole(heads_read: list[bytes]) -> None:
    for _ in range(2):
        assert request(HEAD + b"{", b"}").body.read() == b"{}"
    assert len(heads_read) == 1


def test_what_cannot_be_read_is_never_known() -> None:
    for _ in range(2):
        with pytest.raises(InvalidHeaderName):
            request(HEAD.replace(b"Host", b"Ho st") + b"{}")
    assert KnownRequest._known == {}


def test_a_long_head_is_not_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known_heads, "MOST_BYTES", len(HEAD) - 5)
    request(HEAD + b"{}")
    assert KnownRequest._known == {}


def test_the_oldest_is_forgotten(heads_read: list[bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known_heads, "MOST_KNOWN", 2)
    for host in (b"a", b"b", b"c", b"b", b"a"):
        request(HEAD.replace(b"Host: x", b"Host: " + host) + b"{}")
    assert len(heads_read) == 4
    assert len(KnownRequest._known) == 2
