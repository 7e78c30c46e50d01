"""The networks that callers are counted by."""

from __future__ import annotations

import pytest

from webhooks.accounts.networks import network_of


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:DB8:1:2::", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
    ],
)
def test_an_ipv6_client_is_counted_by_its_network(address: str | None, network: str) -> None:
    assert network_of(address) == network


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.1:4711", "192.0.2.1"),
        ("[2001:db8::1]", "2001:db8::/64"),
        ("[2001:db8::1]:443", "2001:db8::/64"),
        ("2001:db8::1:443", "2001:db8::/64"),
        ("[::ffff:192.0.2.1]:443", "192.0.2.1"),
    ],
)
def test_a_port_is_not_part_of_the_address_that_is_counted(address: str, network: str) -> None:
    """Azure's gateway and others add a port; in `2001:db8::1:443` it looks like a part of the address."""
    assert network_of(address) == network


@pytest.mark.parametrize(
    "address",
    [
        None,
        "",
        "unknown",
        "a name",
        "_hidden:80",
        "192.0.2.1:",
        "192.0.2.1:x",
        "192.0.2.1:123456",
        "192.0.2:80",
        "192.0.2.1 :80",
        "[192.0.2.1]x",
        "[2001:db8::1",
        "[2001:db8::1]443",
        "[]:443",
        ":51234",
        "::1::2",
    ],
)
def test_callers_without_a_readable_address_are_counted_together(address: str | None) -> None:
    """With a bucket for each text, a caller could get new buckets by sending new texts."""
    assert network_of(address) == "unknown"
