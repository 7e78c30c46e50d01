"""The address of the service: its common spellings, and whether it leads to this machine."""

from __future__ import annotations

import ipaddress
import re
import socket
from urllib.parse import urlsplit

import requests

_API = "/api"


def read_base_url(url: object) -> str:
    """Return the address of a service without surrounding blanks, trailing slashes and one `/api`.

    All paths of the service begin with `/api`, so people write the address with and without it. If a proxy serves
    Ringback below a path that ends in `/api`, its address ends in `/api/api`.

    Raises:
        ValueError: it is not an address; the message begins with `The url` and does not quote it.
    """
    stripped = url.strip().rstrip("/") if isinstance(url, str) else ""
    _check(stripped)
    return stripped.removesuffix(_API).rstrip("/")


def is_here(url: str) -> bool:
    """Return whether the URL leads to this machine, by a loopback address or by its address in a network."""
    host = urlsplit(url).hostname or ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host == "localhost"
    return address.is_loopback or address.is_unspecified or _is_own(address)


def proxies_for(url: str) -> dict[str, str]:
    """Return the `proxies` for requests to the URL: none if it leads to this machine, which no proxy can reach."""
    return {"no_proxy": "*"} if is_here(url) else {}


def _is_own(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Return whether the system would call this address from the same address. Nothing is sent."""
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((str(address), 9))
            return ipaddress.ip_address(probe.getsockname()[0]) == address
    except (OSError, ValueError):  # no such network or address family
        return False


def _check(url: str) -> None:
    if not re.fullmatch(r"(?i:https?)://[^/?#\\]+[^?#\\]*", url) or re.search(r"\s", url) or not url.isprintable():
        raise ValueError(
            "The url must be https:// (or http://), a host, and perhaps a port and a path, without a query or "
            "fragment."
        )
    try:
        parts = urlsplit(url)
        has_host_and_port = bool(parts.hostname) and parts.port != 0
    except ValueError:  # malformed brackets of an IPv6 address, or a malformed port
        has_host_and_port = False
    if not has_host_and_port:
        raise ValueError("The url must have a host, and a port from 1 to 65535 if it names one.")
    if parts.username is not None:
        raise ValueError("The url must have no user.")
    try:
        prepared = requests.Request("GET", url).prepare()
        (urlsplit(prepared.url or "").hostname or "").encode("idna")  # as the socket module will do
    except (requests.RequestException, UnicodeError):
        raise ValueError("The url must have a host that is a name or an address.") from None
