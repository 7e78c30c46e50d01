"""The networks that callers are counted by, from their addresses."""

from __future__ import annotations

import ipaddress
import re

#: An address as proxies write it with the caller's port, or an IPv6 address in brackets.
_WITH_PORT = re.compile(r"(?P<v4>[0-9.]+):[0-9]{1,5}|\[(?P<v6>[^\]]+)\](?::[0-9]{1,5})?")


def network_of(address: str | None) -> str:
    """Return what is counted as one caller: an IPv4 address, or the /64 network of an IPv6 address.

    Most providers give each customer such a network, with more IPv6 addresses than could be counted one by one. A
    port, which some proxies add, is removed. Anything that is not an address, as on a Unix socket or through a
    proxy's mistake, is counted as `unknown`, so unreadable addresses share one bucket.
    """
    try:
        ip = ipaddress.ip_address(_without_port(address or ""))
    except ValueError:
        return "unknown"
    if isinstance(ip, ipaddress.IPv4Address):
        return str(ip)
    if ip.ipv4_mapped is not None:
        return str(ip.ipv4_mapped)
    return str(ipaddress.IPv6Network((int(ip), 64), strict=False))


def _without_port(address: str) -> str:
    found = _WITH_PORT.fullmatch(address)
    return address if found is None else found["v4"] or found["v6"]
