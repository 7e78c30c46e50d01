"""The URL of a webhook: it is parsed once, when it is registered, and stored with its host and port."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlsplit

from urllib3.util import parse_url

from webhooks.http.destinations.hosts import ForbiddenDestination, read_host

MAX_URL_BYTES = 2048
HTTPS_PORT = 443

_URL = re.compile(r"https:(?://(?P<authority>[^/?#]*))?(?P<rest>.*)", re.IGNORECASE)
_AUTHORITY = re.compile(r"(?P<host>\[[^\[\]]*\]|[^\[\]:]*)(?::(?P<port>[0-9]*))?")


@dataclass(frozen=True)
class Destination:
    """Where calls go: a URL, and the host and port that were parsed when it was registered.

    Attributes:
        url: as it is stored and called: as the customer wrote it, but with scheme, host and port normalized.
        host: a name in lower case and as A-labels, or an IP address, without brackets.
    """

    url: str
    host: str
    port: int

    @cached_property
    def host_and_port(self) -> str:
        """The host and port in one text."""
        return f"{self.host}:{self.port}"

    @cached_property
    def origin_and_target(self) -> tuple[str, str]:
        """The URL in two parts: the URL of the root, and the request target.

        The target is the exact path and query, as in the first line of a request (RFC 9112, section 3.2.1). It is
        `/` if the URL has no path.

        Raises:
            ForbiddenDestination: the URL has characters that would end that line, or does not begin with https://.
        """
        _check_characters(self.url)
        authority, rest = _split(self.url)
        return f"https://{authority}/", rest if rest.startswith("/") else f"/{rest}"


def read_url(text: str) -> Destination:
    """Read the URL of a webhook (contract section 2).

    Raises:
        ForbiddenDestination: not an absolute https URL with a host; or with user info, a fragment, white space,
            control or format characters, or non-ASCII characters outside its host; or longer than
            `MAX_URL_BYTES` as it was written or as it would be stored.
    """
    _check_length(text)
    _check_characters(text)
    authority, rest = _split(text)
    host, port = _read_authority(authority)
    shown_host = f"[{host}]" if ":" in host else host
    shown_port = "" if port is None else f":{port}"
    url = f"https://{shown_host}{shown_port}{rest}"
    _check_length(url)
    _check_that_parsers_agree(url, host, port)
    return Destination(url, host, HTTPS_PORT if port is None else port)


def _check_length(url: str) -> None:
    if len(url) > MAX_URL_BYTES:
        raise ForbiddenDestination(f"The URL is longer than {MAX_URL_BYTES} bytes.")


def _check_characters(text: str) -> None:
    if "\\" in text or " " in text or not text.isprintable():
        raise ForbiddenDestination(
            "The URL holds a backslash, white space, or a control, format or other unprintable character."
        )


def _split(text: str) -> tuple[str, str]:
    """Return the part between `https://` and the path, and the rest."""
    parts = _URL.fullmatch(text)
    if parts is None:
        raise ForbiddenDestination("The URL must begin with https://.")
    authority, rest = parts["authority"] or "", parts["rest"]
    if "@" in authority:
        raise ForbiddenDestination("The URL must not hold a user name or password.")
    if "#" in rest:
        raise ForbiddenDestination("The URL must not have a fragment.")
    if not rest.isascii():
        raise ForbiddenDestination("Outside its host, the URL must be ASCII: percent-encode what is not.")
    return authority, rest


def _read_authority(authority: str) -> tuple[str, int | None]:
    """Return the host, and the port if there is one."""
    if "%" in authority:
        raise ForbiddenDestination("The URL's host must not be percent-encoded, nor have a zone.")
    parts = _AUTHORITY.fullmatch(authority)
    if parts is None:
        raise ForbiddenDestination("The URL is malformed between https:// and its path.")
    host, port = read_host(parts["host"]), int(parts["port"]) if parts["port"] else None
    if port is not None and not 0 < port < 65_536:
        raise ForbiddenDestination("The URL's port must be from 1 to 65535.")
    return host, port


def _check_that_parsers_agree(url: str, host: str, port: int | None) -> None:
    """Refuse a URL that two parsers read differently: a third might find another host.

    All differences that are known are refused before; this check is for unknown ones.
    """
    try:
        one, other = urlsplit(url), parse_url(url)
        read = {(one.hostname, one.port), ((other.host or "").strip("[]"), other.port)}
    except ValueError:
        read = set()
    if read != {(host, port)}:
        raise ForbiddenDestination("The URL can be read in more than one way.")
