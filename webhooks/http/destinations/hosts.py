"""The host of a URL: an IP address in its usual spelling, or a DNS name."""

from __future__ import annotations

import ipaddress
import re

import idna

# Labels of up to 63 letters, digits, hyphens and underscores, with dots between. A hyphen at either end of one is
# against RFC 1123, and before a name it means something else to libcurl's list of known hosts.
_LABEL = r"(?!-)[a-z0-9_-]{1,63}(?<!-)"
_NAME = re.compile(rf"(?=.{{1,253}}$){_LABEL}(\.{_LABEL})*")

# What browsers and libcurl read as a number, and then perhaps as an IPv4 address.
_ENDS_IN_A_NUMBER = re.compile(r"(?:.*\.)?(?:[0-9]+|0x[0-9a-f]*)\.?")

# Zones whose names mean something different on each network.
_LOCAL_ZONES = (".local", ".localhost", ".localdomain", ".internal", ".home.arpa")


class ForbiddenDestination(ValueError):
    """The URL cannot be a webhook's; the message says what is wrong with it."""


def read_host(text: str) -> str:
    """Return the host of a URL in the form in which it is stored and looked up.

    A name is in lower case, as A-labels if it is international (UTS 46, not transitional), and without a dot at
    its end. An IPv6 address is without brackets and in its shortest form.

    Args:
        text: the host as written, an IPv6 address in brackets.

    Raises:
        ForbiddenDestination: neither a name that can be looked up nor an IP address in its usual spelling.
    """
    if text.startswith("["):
        return _read_ipv6(text[1:-1])
    name = _to_a_labels(text)
    if _ENDS_IN_A_NUMBER.fullmatch(name):
        return _read_ipv4(name)
    name = name.removesuffix(".")
    if not _NAME.fullmatch(name):
        raise ForbiddenDestination("The URL must have a host: a name or an IP address.")
    if name.endswith(".onion"):
        raise ForbiddenDestination("The URL's host is not in DNS.")
    return name


def is_address(host: str) -> bool:
    """Report whether this is an IP address, not a name."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def is_local(host: str) -> bool:
    """Report whether only a local network knows this name: `receiver`, `db.internal`, `localhost`."""
    name = host.lower().removesuffix(".")
    return not is_address(name) and ("." not in name or f".{name}".endswith(_LOCAL_ZONES))


def _to_a_labels(name: str) -> str:
    """Map a name to ASCII; A-labels in it must be the result of such a mapping."""
    try:
        if not name.isascii():
            return idna.encode(name, uts46=True).decode()
        name = name.lower()
        for label in name.split("."):
            if label.startswith("xn--"):
                idna.alabel(label)
    except idna.IDNAError:
        raise ForbiddenDestination("The URL's host is not a valid international name.") from None
    return name


def _read_ipv4(text: str) -> str:
    """Read four numbers with dots between them; libcurl would also read `127.1`, `0x7f.1` or `2130706433`."""
    try:
        return str(ipaddress.IPv4Address(text))
    except ValueError:
        raise ForbiddenDestination("The URL's host ends in a number, but is not an IPv4 address.") from None


def _read_ipv6(text: str) -> str:
    try:
        address = ipaddress.IPv6Address(text)
    except ValueError:
        raise ForbiddenDestination("The URL's host is in brackets, but is not an IPv6 address.") from None
    return address.compressed
