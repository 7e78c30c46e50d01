"""Whom libcurl would call: of a URL it is given the origin alone, and must read the same host and port there.

Of the whole URL it must do so too, though it never sees one.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pycurl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from webhooks.http.destinations import (
    Destination,
    ForbiddenDestination,
    is_address,
    read_url,
)

GOOD_URLS = json.loads((Path(__file__).parents[1] / "unit/http/destinations/good_urls.json").read_text())
#: Where libcurl is told that the host is, and where it is told that all others are.
THERE, ELSEWHERE = "192.0.2.1", "192.0.2.2"
#: What URLs are made of, and what readers of URLs have tripped over.
PIECES = [
    *"aAxXzZ09.-_:/?#@%[]~;,&=+*$!'()\"<>|^`{} \t\\",
    *("127.0.0.1", "0x7f", "::1", "::ffff:", "xn--", "xn--bcher-kva", ".local", "localhost", ":443", "@b.example"),
    *"äß\u3002\uff0e\uff11\u2460\u2177\u2100\uff1a\uff0f\uff20\u00ad\u200d\u0130\u212a",
    *("a.example", "https://", "//", "..", "%2e", "%00"),
]
pieces = st.lists(st.sampled_from(PIECES), max_size=4).map("".join)


def dialled(destination: Destination, url: str) -> list[tuple[str, int]]:
    """Return where libcurl would connect to for this URL; nothing is looked up, and nothing is sent."""
    seen: list[tuple[str, int]] = []

    def open_socket(_purpose: int, address: Any) -> int:
        seen.append(address[3][:2])
        return pycurl.SOCKET_BAD

    handle = pycurl.Curl()
    handle.setopt(pycurl.URL, url)
    handle.setopt(pycurl.PROXY, "")
    handle.setopt(pycurl.OPENSOCKETFUNCTION, open_socket)
    if not is_address(destination.host):
        known = [f"{destination.host}:{destination.port}:{THERE}", f"*:{destination.port}:{ELSEWHERE}"]
        handle.setopt(pycurl.RESOLVE, known)
    with pytest.raises(pycurl.error) as refused:
        handle.perform()
    handle.close()
    assert refused.value.args[0] == pycurl.E_COULDNT_CONNECT, refused.value
    return seen


def check(destination: Destination) -> None:
    origin, target = destination.origin_and_target
    assert target.startswith("/")
    assert destination.url in {origin + target[1:], origin[:-1] + target[1:]}
    assert (read_url(origin).host, read_url(origin).port) == (destination.host, destination.port)
    assert dialled(destination, origin) == dialled(destination, destination.url) == expected(destination)


def expected(destination: Destination) -> list[tuple[str, int]]:
    return [(destination.host if is_address(destination.host) else THERE, destination.port)]


@pytest.mark.parametrize("case", GOOD_URLS, ids=lambda case: case["why"])
def test_libcurl_calls_the_host_that_was_judged(case: dict[str, Any]) -> None:
    check(read_url(case["url"]))


@given(pieces, st.sampled_from(["", ".example", ".example/"]), pieces)
@settings(max_examples=500, derandomize=True, database=None)
def test_no_text_is_read_in_two_ways(host: str, zone: str, rest: str) -> None:
    """It is refused, or libcurl calls whom we understood, and so do we when we read it again."""
    try:
        destination = read_url(f"https://{host}{zone}{rest}")
    except ForbiddenDestination:
        return
    assert read_url(destination.url) == destination
    check(destination)
