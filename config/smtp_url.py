"""SMTP_URL taken apart: where the SMTP server is, how to log in, and whether TLS is demanded."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from urllib.parse import SplitResult, unquote, urlsplit

from config.redis_url import check_port

SMTP_PORT = 587
SMTPS_PORT = 465

_STARTTLS = {"": None, "starttls=required": True, "starttls=no": False}


@dataclass(frozen=True)
class SmtpServer:
    """The operator's SMTP server.

    Attributes:
        username: for the login; empty for none.
        tls: whether it speaks TLS from the first byte on.
        starttls: whether it must be asked for TLS; if it offers it, if None.
    """

    host: str
    port: int
    username: str = ""
    password: str = field(default="", repr=False)
    tls: bool = False
    starttls: bool | None = None


def parse_smtp_url(text: str) -> SmtpServer | None:
    """Take an SMTP_URL apart; an empty one names no server.

    A password never leaves this machine in the clear: with a login, TLS is demanded of a server elsewhere.

    Raises:
        ValueError: it is malformed; the message finishes a sentence and repeats nothing of the URL.
    """
    if not text:
        return None
    if not text.startswith(("smtp://", "smtps://")):
        raise ValueError("must be a URL such as smtp://user:password@host:587 or smtps://user:password@host:465")
    check_port(text)
    url = urlsplit(text)
    if not url.hostname or url.path not in {"", "/"} or url.fragment:
        raise ValueError("must name a host, and nothing behind it but a port")
    username, password = unquote(url.username or ""), unquote(url.password or "")
    if bool(username) != bool(password) or not (username + password).isascii():
        raise ValueError("must have both a user and a password, in ASCII, or neither")
    tls = url.scheme == "smtps"
    port = url.port or (SMTPS_PORT if tls else SMTP_PORT)
    return SmtpServer(url.hostname, port, username, password, tls, _starttls(url))


def _starttls(url: SplitResult) -> bool | None:
    if url.query not in _STARTTLS or (url.query and url.scheme == "smtps"):
        raise ValueError("takes after its `?` only starttls=required or starttls=no, and with smtp:// only")
    if url.scheme == "smtps":
        return False
    wanted = _STARTTLS[url.query]
    if not url.username or _is_this_machine(url.hostname or ""):
        return wanted
    if wanted is False:
        raise ValueError("cannot have starttls=no with a password for another machine")
    return True


def _is_this_machine(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
