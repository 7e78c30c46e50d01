"""Where a webhook may point: what its URL looks like, and which addresses may be dialled.

The text is checked when a webhook is registered; the address each time a connection is opened, and it is the
very address that is dialled, so a DNS answer that changes in between gains nothing.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from urllib.parse import SplitResult, urlsplit

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

MAX_URL_BYTES = 2048

# Labels of up to 63 letters, digits, hyphens and underscores, with dots between and perhaps one at the end.
_NAME = re.compile(r"(?=.{1,254}$)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*\.?")

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
        "2001::/23",  # protocol assignments, Teredo among them
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4: an IPv4 address in disguise
        "2620:4f:8000::/48",  # AS112
        "3fff::/20",  # documentation
    )
]


class ForbiddenDestination(ValueError):
    """The URL cannot be a webhook's; the message says what is wrong with it."""


def check_url(url: str) -> None:
    """Check the text of a webhook's URL (contract section 2).

    Raises:
        ForbiddenDestination: not an absolute https URL with a host; or with user info, a fragment, white
            space, control or non-ASCII characters; or longer than `MAX_URL_BYTES`.
    """
    _check_letters(url)
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ForbiddenDestination("The URL is malformed.") from None
    if parts.scheme != "https":
        raise ForbiddenDestination("The URL must begin with https://.")
    if not _has_host(parts) or port == 0:
        raise ForbiddenDestination("The URL must have a host, and a port from 1 to 65535 if any.")
    if "@" in parts.netloc:
        raise ForbiddenDestination("The URL must not hold a user name or password.")
    if "#" in url:
        raise ForbiddenDestination("The URL must not have a fragment.")


def _check_letters(url: str) -> None:
    if not url.isascii():
        raise ForbiddenDestination("The URL must be ASCII: a host as A-labels, the rest percent-encoded.")
    if len(url) > MAX_URL_BYTES:
        raise ForbiddenDestination(f"The URL is longer than {MAX_URL_BYTES} bytes.")
    if "\\" in url or " " in url or not url.isprintable():
        raise ForbiddenDestination("The URL holds a backslash, white space or a control character.")


def _has_host(parts: SplitResult) -> bool:
    """Tell whether there is a name whose labels can be looked up, or an IP address."""
    host = parts.hostname or ""
    if "[" not in parts.netloc:
        return _NAME.fullmatch(host) is not None
    try:
        return ipaddress.IPv6Address(host).scope_id is None
    except ValueError:
        return False


def may_dial(address: str, allowed: Sequence[Network] = ()) -> bool:
    """Tell whether this IP address may be connected to: it is public, or in an `allowed` network."""
    try:
        ip: Address = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped is not None:
        ip = ip.ipv4_mapped
    return any(ip in network for network in allowed) or _is_public(ip)


def _is_public(ip: Address) -> bool:
    if isinstance(ip, ipaddress.IPv4Address):
        return not any(ip in network for network in _FORBIDDEN_V4)
    return ip in _GLOBAL_V6 and not any(ip in network for network in _FORBIDDEN_V6)
