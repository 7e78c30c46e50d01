"""REDIS_URL taken apart: one server, or Sentinels that tell which server it is at the moment."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

SCHEMES = ("redis", "rediss", "unix")
SENTINEL_PORT = 26379

_SENTINEL_URL = re.compile(
    r"(?P<scheme>rediss?)\+sentinel://"
    r"(?P<login>[^@/?#]*@)?(?P<addresses>[^@/?#]+)"
    r"/(?P<service>[^/?#]+)(?:/(?P<database>[0-9]+))?/?"
    r"(?:\?(?P<query>[^?#]*))?"
)
_ADDRESS = re.compile(r"(?:\[(?P<ipv6>[0-9A-Fa-f:.]+)\]|(?P<host>[^\[\]:\s]+))(?::(?P<port>[0-9]{1,5}))?")
_OF_THE_SENTINELS = ("sentinel_username", "sentinel_password")
_OF_TLS = ("ssl_ca_certs", "ssl_certfile", "ssl_keyfile", "ssl_cert_reqs", "ssl_check_hostname")


@dataclass(frozen=True)
class Sentinels:
    """Where to ask which server is the primary.

    Attributes:
        addresses: host and port of each Sentinel.
        service: the name by which they know the primary and its replicas.
        username: the Sentinels' own; empty for none.
        password: the Sentinels' own; empty for none.
    """

    addresses: tuple[tuple[str, int], ...]
    service: str
    username: str = ""
    password: str = field(default="", repr=False)


@dataclass(frozen=True)
class RedisServer:
    """The server that holds the ledger.

    Attributes:
        url: `redis://…`, `rediss://…` or `unix://…`; without an address if Sentinels tell it.
        sentinels: whom to ask for the address, if anybody.
    """

    url: str = field(repr=False)
    sentinels: Sentinels | None = None


def parse_redis_url(text: str) -> RedisServer:
    """Take a REDIS_URL apart.

    Raises:
        ValueError: it is malformed; the message finishes a sentence and repeats nothing of the URL.
    """
    scheme = text.partition("://")[0]
    if scheme.endswith("+sentinel"):
        return _behind_sentinels(text)
    if "://" not in text or scheme not in SCHEMES:
        raise ValueError(
            "must be a URL such as redis://localhost:6379/0 or redis+sentinel://host1:26379,host2:26379/service"
        )
    check_port(text)
    return RedisServer(text)


def check_port(url: str) -> None:
    """Do nothing if the port of `url`, where there is one, is a number.

    Raises:
        ValueError: it is none; the message repeats nothing of the URL.
    """
    try:
        _ = urlsplit(url).port
    except ValueError:
        raise ValueError("has a malformed address; a password's special characters must be %-encoded") from None


def _behind_sentinels(text: str) -> RedisServer:
    match = _SENTINEL_URL.fullmatch(text)
    if match is None:
        raise ValueError(
            "must have the form redis+sentinel://user:password@host1:26379,host2:26379/service/0; "
            "special characters of a password must be %-encoded"
        )
    options = _options(match["query"] or "")
    for_server = urlencode({name: value for name, value in options.items() if name in _OF_TLS})
    return RedisServer(
        url=f"{match['scheme']}://{match['login'] or ''}/{match['database'] or 0}"
        + (f"?{for_server}" if for_server else ""),
        sentinels=Sentinels(
            # urlsplit cannot do this: it knows one host only, and makes it lower-case.
            addresses=tuple(_address(part) for part in match["addresses"].split(",")),
            service=unquote(match["service"]),
            username=options.get("sentinel_username", ""),
            password=options.get("sentinel_password", ""),
        ),
    )


def _address(text: str) -> tuple[str, int]:
    match = _ADDRESS.fullmatch(text)
    port = int(match["port"] or SENTINEL_PORT) if match else 0
    if match is None or not 0 < port < 65_536:
        raise ValueError("must name each Sentinel as host:port, an IPv6 address in brackets, with commas between")
    return match["ipv6"] or match["host"], port


def _options(query: str) -> dict[str, str]:
    try:
        options = dict(parse_qsl(query, strict_parsing=True)) if query else {}
    except ValueError:
        options = {"": ""}
    if not options.keys() <= {*_OF_THE_SENTINELS, *_OF_TLS}:
        raise ValueError(f"takes after its `?` only {', '.join((*_OF_THE_SENTINELS, *_OF_TLS))}")
    return options
