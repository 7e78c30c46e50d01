"""Which host libcurl calls: it gets only the origin of a URL, and must read the same host and port from it.

It must also read the same from the whole URL, although it never gets that.
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
#: The address that libcurl gets for the host, and the address that it gets for all others.
THERE, ELSEWHERE = "192.0.2.1", "192.0.2.2"
#: Parts of URLs, and characters that URL parsers have misread.
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
def test_libcurl_calls_the_host_that_was_checked(case: dict[str, Any]) -> None:
    check(read_url(case["url"]))


@given(pieces, st.sampled_from(["", ".example", ".example/"]), pieces)
@settings(max_examples=500, derandomize=True, database=None)
def test_every_url_is_read_in_the_same_way(host: str, zone: str, rest: str) -> None:
    """It is refused, or libcurl calls the host that was parsed, and the stored URL is parsed in the same way."""
    try:
        destination = read_url(f"https://{host}{zone}{rest}")
    except ForbiddenDestination:
        return
    assert read_url(destination.url) == destination
    check(destination)
