"""Parsing SMTP_URL: the SMTP server, the login, and whether TLS is required."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field

from config.urls import Url, take_apart

SMTP_PORT = 587
SMTPS_PORT = 465

#: The options that a URL may have after its `?`, by scheme, and their values.
OPTIONS: Mapping[str, tuple[str, ...]] = {"smtp": ("starttls",), "smtps": ()}
_STARTTLS = {"": None, "required": True, "no": False}


@dataclass(frozen=True)
class SmtpServer:
    """The operator's SMTP server.

    Attributes:
        username: for the login; empty for none.
        tls: whether TLS begins with the first byte.
        starttls: whether STARTTLS is required; None to use it if the server offers it.
    """

    host: str
    port: int
    username: str = ""
    password: str = field(default="", repr=False)
    tls: bool = False
    starttls: bool | None = None


def parse_smtp_url(text: str) -> SmtpServer | None:
    """Parse an SMTP_URL; None if it is empty.

    A password never leaves this machine in the clear: with a login, TLS is required unless the server is local.

    Raises:
        ValueError: it is malformed; the message completes a sentence and quotes nothing of the URL.
    """
    if not text:
        return None
    scheme, separator, _ = text.partition("://")
    if not separator or scheme not in OPTIONS:
        raise ValueError("must be a URL such as smtp://user:password@host:587 or smtps://user:password@host:465")
    url = take_apart(text, OPTIONS[scheme])
    if not url.host or url.path not in {"", "/"}:
        raise ValueError("must name a host, and nothing behind it but a port")
    username, password = url.login.username, url.login.password
    if bool(username) != bool(password) or not (username + password).isascii():
        raise ValueError("must have both a user and a password, in ASCII, or neither")
    tls = scheme == "smtps"
    port = url.port or (SMTPS_PORT if tls else SMTP_PORT)
    return SmtpServer(url.host, port, username, password, tls, False if tls else _starttls(url))


def _starttls(url: Url) -> bool | None:
    given = url.options.get("starttls", "")
    if given not in _STARTTLS:
        raise ValueError("must have required or no as its starttls")
    wanted = _STARTTLS[given]
    if not url.login.username or _is_this_machine(url.host):
        return wanted
    if wanted is False:
        raise ValueError("cannot have starttls=no with a password for another machine")
    return True


def _is_this_machine(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
