"""Which IP addresses may be called: those of the internet, and those of networks that the operator allows."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence

from webhooks.http.destinations.hosts import is_local

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

# From the IANA special-purpose address registries. Own tables, because `ipaddress.is_global` of Python 3.11
# lets several of these through.
_FORBIDDEN_V4 = [
    ipaddress.IPv4Network(network)
    for network in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # carrier NAT
        "127.0.0.0/8",  # loopback
        "168.63.129.16/32",  # a cloud's platform services, public in form only
        "169.254.0.0/16",  # link-local, with the metadata services
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocol assignments
        "192.0.2.0/24",  # documentation
        "192.31.196.0/24",  # AS112
        "192.52.193.0/24",  # AMT
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",  # private
        "192.175.48.0/24",  # AS112
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, and broadcast
    )
]
_GLOBAL_V6 = ipaddress.IPv6Network("2000::/3")
_FORBIDDEN_V6 = [
    ipaddress.IPv6Network(network)
    for network in (
        "2001::/23",  # protocol assignments
        "2001:db8::/32",  # documentation
        "2620:4f:8000::/48",  # AS112
        "3fff::/20",  # documentation
    )
]
# Networks whose last 32 bits are an IPv4 address. The local form of NAT64, 64:ff9b:1::/48, is not among them: only
# its own network knows where the IPv4 address is.
_ENDS_IN_V4 = [
    ipaddress.IPv6Network(network)
    for network in (
        "::/96",  # IPv4-compatible
        "::ffff:0:0/96",  # IPv4-mapped
        "64:ff9b::/96",  # NAT64
    )
]
_NO_V4_INSIDE = {ipaddress.IPv6Address("::"), ipaddress.IPv6Address("::1")}


def may_call(host: str, addresses: Sequence[str], allowed: Sequence[Network] = ()) -> bool:
    """Report whether a host with these addresses may be called.

    Args:
        addresses: all addresses of the host; a single forbidden one forbids the host.
        allowed: networks that may be called although they are not public. All addresses of a local name, such as
            `receiver` or `localhost`, must be in them.
    """
    judge = _is_allowed if is_local(host) else may_dial
    return bool(addresses) and all(judge(address, allowed) for address in addresses)


def may_dial(address: str, allowed: Sequence[Network] = ()) -> bool:
    """Report whether this IP address may be connected to: it is public, or in an `allowed` network."""
    ip = _read(address)
    return ip is not None and (
        _is_in(ip, allowed) or all(_is_in(one, allowed) or _is_public(one) for one in _ends(ip))
    )


def _is_allowed(address: str, allowed: Sequence[Network]) -> bool:
    ip = _read(address)
    return ip is not None and (_is_in(ip, allowed) or all(_is_in(one, allowed) for one in _ends(ip)))


def _read(address: str) -> Address | None:
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return None
    return None if isinstance(ip, ipaddress.IPv6Address) and ip.scope_id is not None else ip


def _ends(ip: Address) -> Sequence[Address]:
    """Return the addresses that a packet to this one reaches: the IPv4 addresses inside it if there are any."""
    if isinstance(ip, ipaddress.IPv4Address) or ip in _NO_V4_INSIDE:
        return [ip]
    if ip.teredo is not None:
        return ip.teredo  # the server, and the client behind it
    if ip.sixtofour is not None:
        return [ip.sixtofour]
    if _is_in(ip, _ENDS_IN_V4):
        return [ipaddress.IPv4Address(ip.packed[-4:])]
    return [ip]


def _is_public(ip: Address) -> bool:
    if isinstance(ip, ipaddress.IPv4Address):
        return not _is_in(ip, _FORBIDDEN_V4)
    return ip in _GLOBAL_V6 and not _is_in(ip, _FORBIDDEN_V6)


def _is_in(ip: Address, networks: Sequence[Network]) -> bool:
    return any(ip in network for network in networks)
