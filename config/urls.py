"""Parsing the URLs of settings. Each part is decoded here, once, and unusable parts are refused.

The message of each error completes a sentence about the setting and quotes nothing of the URL, which may have a
password.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, quote, unquote_to_bytes, urlsplit

_LIKE_IPV4 = re.compile(r"[0-9]+(?:\.[0-9]+){3}")
_NAME = re.compile(r"[^\s,;:@%\[\]\\]+")
# urlsplit ignores text before and after brackets.
_ADDRESS = re.compile(r"(\[[^\[\]]*\]|[^\[\]:]*)(:[0-9]*)?")
_MALFORMED_ADDRESS = "has a malformed address; a password's special characters must be %-encoded"


@dataclass(frozen=True)
class Login:
    """The login for a server; both are empty if it has none."""

    username: str = ""
    password: str = field(default="", repr=False)

    def __str__(self) -> str:
        """Return the part before a URL's host, quoted for every parser of URLs."""
        if not self.username and not self.password:
            return ""
        return f"{quote(self.username, safe='')}:{quote(self.password, safe='')}@"


#: No login.
NO_LOGIN = Login()


@dataclass(frozen=True)
class Url:
    """The parts of a URL.

    Attributes:
        host: a name, or an address without brackets; empty if there is none.
        port: None if there is none.
        path: decoded.
        options: the options after the `?`, decoded.
    """

    host: str
    port: int | None
    path: str
    login: Login
    options: Mapping[str, str] = field(repr=False)


def take_apart(text: str, takes: Collection[str] = ()) -> Url:
    """Return the parts of a URL.

    Args:
        takes: the options that it may have.

    Raises:
        ValueError: it is malformed, or has another option.
    """
    if not text.isprintable():
        raise ValueError("must be printable text; other characters are %-encoded")
    try:
        url = urlsplit(text)
        port = url.port
    except ValueError:
        raise ValueError(_MALFORMED_ADDRESS) from None
    address = url.netloc.rpartition("@")[2]
    if "#" in text or port == 0 or not _ADDRESS.fullmatch(address):
        raise ValueError(_MALFORMED_ADDRESS)
    return Url(
        host=checked_host(url.hostname or "", is_bracketed=address.startswith("[")),
        port=port,
        path=decoded(url.path),
        login=Login(decoded(url.username or ""), decoded(url.password or "")),
        options=options(url.query, takes),
    )


def options(query: str, takes: Collection[str]) -> dict[str, str]:
    """Return the options after the `?` of a URL, decoded.

    Raises:
        ValueError: it is malformed, or has an option that is not in `takes`.
    """
    if "+" in query:  # some programs read it as a blank, others as a plus
        raise ValueError("must have %2B or %20 instead of a + after its `?`")
    try:
        pairs = parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query), errors="strict")
    except ValueError:
        raise ValueError("must have after its `?` name=value with & between, %-encoded in UTF-8") from None
    found = dict(pairs)
    if not found.keys() <= set(takes):
        raise ValueError(f"takes after its `?` only {', '.join(takes)}" if takes else "takes nothing after a `?`")
    if len(found) < len(pairs) or not all(found.values()):
        raise ValueError("must have one value for each name after its `?`")
    return found


def decoded(text: str) -> str:
    """Return a part of a URL without its %-encoding.

    Raises:
        ValueError: the decoded bytes are not UTF-8.
    """
    try:
        return unquote_to_bytes(text).decode()
    except UnicodeError:
        raise ValueError("must be UTF-8 where it is %-encoded") from None


def netloc(host: str, port: int) -> str:
    """Return a host and a port in the form of a URL."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def is_wrong_ipv4(host: str) -> bool:
    """Report whether a host looks like an IPv4 address without being one, such as `10.0.0.256`; no name does."""
    if not _LIKE_IPV4.fullmatch(host):
        return False
    try:
        ipaddress.IPv4Address(host)
    except ValueError:
        return True
    return False


def checked_host(host: str, *, is_bracketed: bool) -> str:
    """Return a host if it is a name or an address, or nothing.

    Raises:
        ValueError: it is neither.
    """
    if is_bracketed:
        try:
            address = ipaddress.IPv6Address(host)
        except ValueError:
            raise ValueError(_MALFORMED_ADDRESS) from None
        if address.scope_id is None:  # each program writes a zone in its own way
            return host
    elif not host or (_NAME.fullmatch(host) and not is_wrong_ipv4(host)):
        return host
    raise ValueError(_MALFORMED_ADDRESS)
