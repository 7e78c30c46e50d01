"""Parsing REDIS_URL: one server, or Sentinels that know which server is the primary."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode

from config.urls import NO_LOGIN, Login, Url, checked_host, decoded, netloc, options, take_apart

REDIS_PORT = 6379
SENTINEL_PORT = 26379

_SENTINEL_URL = re.compile(
    r"(?P<scheme>rediss?)\+sentinel://"
    r"(?:(?P<username>[^@:/?#]*)(?::(?P<password>[^@/?#]*))?@)?(?P<addresses>[^@/?#]+)"
    r"/(?P<service>[^/?#]+)(?:/(?P<database>[0-9]+))?/?"
    r"(?:\?(?P<query>[^?#]*))?"
)
_ADDRESS = re.compile(r"(?:\[(?P<ipv6>[^\]]+)\]|(?P<host>[^\[\]:]+))(?::(?P<port>[0-9]{1,5}))?")
_DATABASE = re.compile(r"[0-9]{0,9}")
_OF_THE_SERVER = ("username", "password", "db")
_OF_THE_SENTINELS = ("sentinel_username", "sentinel_password")
_OF_TLS = ("ssl_ca_certs", "ssl_certfile", "ssl_keyfile", "ssl_cert_reqs", "ssl_check_hostname")
#: The options that a URL may have after its `?`, by scheme.
OPTIONS: Mapping[str, tuple[str, ...]] = {
    "redis": _OF_THE_SERVER,
    "rediss": (*_OF_THE_SERVER, *_OF_TLS),
    "unix": _OF_THE_SERVER,
    "redis+sentinel": _OF_THE_SENTINELS,
    "rediss+sentinel": (*_OF_THE_SENTINELS, *_OF_TLS),
}
_BOOLEANS = {"true": True, "false": False}


@dataclass(frozen=True)
class Sentinels:
    """The Sentinels that know the primary.

    Attributes:
        addresses: host and port of each Sentinel.
        service: the service name of the primary and its replicas.
        username: for the login to the Sentinels; empty for none.
        password: for the login to the Sentinels; empty for none.
    """

    addresses: tuple[tuple[str, int], ...]
    service: str
    username: str = ""
    password: str = field(default="", repr=False)


@dataclass(frozen=True)
class RedisServer:
    """The server of the ledger: at a host, at a Unix socket, or where Sentinels say.

    Attributes:
        host: empty for a socket, and behind Sentinels.
        path: of the socket.
        tls: redis-py's options for TLS; None without TLS.
        sentinels: the Sentinels to ask for the address; None without Sentinels.
    """

    host: str = ""
    port: int = REDIS_PORT
    path: str = ""
    database: int = 0
    login: Login = NO_LOGIN
    tls: Mapping[str, str | bool] | None = None
    sentinels: Sentinels | None = None

    @property
    def url(self) -> str:
        """The URL in redis-py's form; without an address if Sentinels know it."""
        if self.path:
            return f"unix://{self.login}{quote(self.path)}?db={self.database}"
        scheme = "redis" if self.tls is None else "rediss"
        address = netloc(self.host, self.port) if self.host else ""
        query = f"?{urlencode(self.tls)}" if self.tls else ""
        return f"{scheme}://{self.login}{address}/{self.database}{query}"


def parse_redis_url(text: str) -> RedisServer:
    """Parse a REDIS_URL.

    Raises:
        ValueError: it is malformed; the message completes a sentence and quotes nothing of the URL.
    """
    scheme, separator, _ = text.partition("://")
    if not separator or scheme not in OPTIONS:
        raise ValueError(
            "must be a URL such as redis://localhost:6379/0 or redis+sentinel://host1:26379,host2:26379/service"
        )
    if scheme.endswith("+sentinel"):
        return _behind_sentinels(text)
    url = take_apart(text, OPTIONS[scheme])
    return _at_socket(url) if scheme == "unix" else _at_host(url, has_tls=scheme == "rediss")


def _at_socket(url: Url) -> RedisServer:
    if url.host or url.port or len(url.path) < 2:
        raise ValueError("must name a socket by its whole path, such as unix:///run/redis.sock")
    return RedisServer(path=url.path, database=_database(url.options.get("db", "")), login=_login(url))


def _at_host(url: Url, *, has_tls: bool) -> RedisServer:
    if not url.host:
        raise ValueError("must name a host, such as redis://localhost:6379/0")
    in_path = url.path.removeprefix("/").removesuffix("/")
    if in_path and "db" in url.options:
        raise ValueError("must name its database once")
    return RedisServer(
        host=url.host,
        port=url.port or REDIS_PORT,
        database=_database(url.options.get("db", in_path)),
        login=_login(url),
        tls=_tls(url.options) if has_tls else None,
    )


def _behind_sentinels(text: str) -> RedisServer:
    match = _SENTINEL_URL.fullmatch(text)
    if match is None or not text.isprintable():
        raise ValueError(
            "must have the form redis+sentinel://user:password@host1:26379,host2:26379/service/0; "
            "special characters of a password must be %-encoded"
        )
    scheme = match["scheme"]
    given = options(match["query"] or "", OPTIONS[f"{scheme}+sentinel"])
    return RedisServer(
        database=_database(match["database"] or ""),
        login=Login(decoded(match["username"] or ""), decoded(match["password"] or "")),
        tls=_tls(given) if scheme == "rediss" else None,
        sentinels=Sentinels(
            # urlsplit cannot do this: it reads only one host, and makes it lower-case.
            addresses=tuple(_address(part) for part in match["addresses"].split(",")),
            service=decoded(match["service"]),
            username=given.get("sentinel_username", ""),
            password=given.get("sentinel_password", ""),
        ),
    )


def _login(url: Url) -> Login:
    """Return the login, which is before the host or after the `?`."""
    given = Login(url.options.get("username", ""), url.options.get("password", ""))
    if NO_LOGIN not in {given, url.login}:
        raise ValueError("must have its login once: before the @, or after the `?`")
    return url.login if given == NO_LOGIN else given


def _database(text: str) -> int:
    if not _DATABASE.fullmatch(text):
        raise ValueError("must have the number of a database after its address; special characters are %-encoded")
    return int(text or 0)


def _address(text: str) -> tuple[str, int]:
    match = _ADDRESS.fullmatch(text)
    port = int(match["port"] or SENTINEL_PORT) if match else 0
    if match is None or not 0 < port < 65_536:
        raise ValueError("must name each Sentinel as host:port, an IPv6 address in brackets, with commas between")
    is_bracketed = match["ipv6"] is not None
    return checked_host(match["ipv6"] or match["host"], is_bracketed=is_bracketed), port


def _tls(given: Mapping[str, str]) -> dict[str, str | bool]:
    """Return redis-py's options for TLS. Certificates are verified unless the URL says otherwise."""
    tls: dict[str, str | bool] = {"ssl_cert_reqs": "required"}
    tls |= {name: value for name, value in given.items() if name in _OF_TLS}
    if tls["ssl_cert_reqs"] not in {"required", "none"}:
        raise ValueError("must have required or none as its ssl_cert_reqs")
    if "ssl_check_hostname" in tls:
        tls["ssl_check_hostname"] = _boolean(given["ssl_check_hostname"])
    return tls


def _boolean(text: str) -> bool:
    try:
        return _BOOLEANS[text.lower()]
    except KeyError:
        raise ValueError("must have true or false as its ssl_check_hostname") from None
