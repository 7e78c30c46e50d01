"""The service's address: checked, and read as people write it."""

from __future__ import annotations

import ipaddress
import re
import socket
from urllib.parse import urlsplit

import requests

_API = "/api"


def read_base_url(url: object) -> str:
    """Return the address of a service without surrounding blanks, slashes at its end and one `/api`.

    All paths of the service begin with `/api`, so people write the address with it and without. A service that
    a proxy puts below a path which itself ends in `/api` has `/api/api` for an address.

    Raises:
        ValueError: it is none; the message begins with `The url` and does not repeat it.
    """
    text = url.strip().rstrip("/") if isinstance(url, str) else ""
    _check(text)
    return text.removesuffix(_API).rstrip("/")


def is_here(url: str) -> bool:
    """Tell whether the URL leads to this machine: by a loopback address, or by one that it has in its network."""
    host = urlsplit(url).hostname or ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host == "localhost"
    return address.is_loopback or address.is_unspecified or _is_own(address)


def proxies_for(url: str) -> dict[str, str]:
    """Return the `proxies` of requests to the URL: a proxy for the Internet does not lead to this machine."""
    return {"no_proxy": "*"} if is_here(url) else {}


def _is_own(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Tell whether the system would call this address from the same one. Nothing is sent."""
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((str(address), 9))
            return ipaddress.ip_address(probe.getsockname()[0]) == address
    except (OSError, ValueError):  # no such network, or no such family
        return False


def _check(url: str) -> None:
    if not re.fullmatch(r"(?i:https?)://[^/?#\\]+[^?#\\]*", url) or re.search(r"\s", url) or not url.isprintable():
        raise ValueError(
            "The url must be https:// (or http://), a host, and perhaps a port and a path, without a query or "
            "fragment."
        )
    try:
        parts = urlsplit(url)
        is_whole = bool(parts.hostname) and parts.port != 0
    except ValueError:  # of the brackets of an IPv6 address, or of the port
        is_whole = False
    if not is_whole:
        raise ValueError("The url must have a host, and a port from 1 to 65535 if it names one.")
    if parts.username is not None:
        raise ValueError("The url must have no user.")
    try:
        prepared = requests.Request("GET", url).prepare()
        (urlsplit(prepared.url or "").hostname or "").encode("idna")  # as the socket module will do
    except (requests.RequestException, UnicodeError):
        raise ValueError("The url must have a host that is a name or an address.") from None
