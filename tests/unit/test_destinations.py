"""Where a webhook may point: tables of URLs and of addresses, in `destinations.json`."""

from __future__ import annotations

import json
from ipaddress import ip_network
from pathlib import Path

import pytest

from webhooks.destinations import MAX_URL_BYTES, ForbiddenDestination, check_url, may_dial

TABLES = json.loads((Path(__file__).parent / "destinations.json").read_text())


@pytest.mark.parametrize("url", TABLES["good urls"])
def test_an_absolute_https_url_with_a_host_may_be_registered(url: str) -> None:
    check_url(url)


@pytest.mark.parametrize(
    ("url", "reason"), [(url, reason) for reason, urls in TABLES["bad urls"].items() for url in urls]
)
def test_any_other_url_is_refused_with_a_reason(url: str, reason: str) -> None:
    with pytest.raises(ForbiddenDestination, match=reason):
        check_url(url)


def test_a_url_may_have_2048_bytes_and_no_more() -> None:
    longest = "https://example.com/".ljust(MAX_URL_BYTES, "a")
    check_url(longest)
    with pytest.raises(ForbiddenDestination, match="longer than 2048 bytes"):
        check_url(longest + "a")


@pytest.mark.parametrize("address", TABLES["public addresses"])
def test_a_public_address_may_be_dialled(address: str) -> None:
    assert may_dial(address)


@pytest.mark.parametrize(
    ("address", "what"),
    [(one, what) for what, addresses in TABLES["forbidden addresses"].items() for one in addresses],
)
def test_an_address_that_is_not_public_is_never_dialled(address: str, what: str) -> None:
    assert not may_dial(address), what


@pytest.mark.parametrize("address", TABLES["not addresses"])
def test_what_is_not_an_address_is_never_dialled(address: str) -> None:
    """Not even if the operator allows everything: it has to be resolved first."""
    assert not may_dial(address, [ip_network("0.0.0.0/0"), ip_network("::/0")])


@pytest.mark.parametrize(
    ("address", "may"),
    [
        ("127.0.0.1", True),
        ("127.255.255.255", True),
        ("::ffff:127.0.0.1", True),
        ("fd12::1", True),
        ("10.0.0.1", False),
        ("169.254.169.254", False),
        ("::1", False),
        ("fc00::1", False),
        ("93.184.216.34", True),
    ],
)
def test_an_operator_can_allow_networks_and_allows_nothing_else(address: str, may: bool) -> None:
    allowed = [ip_network("127.0.0.0/8"), ip_network("fd00::/8")]
    assert may_dial(address, allowed) is may
