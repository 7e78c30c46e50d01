"""Parsing WEBHOOKS_BROKER_URL: a RabbitMQ for Celery's queues."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from config.urls import Login, netloc, take_apart

AMQP_PORT = 5672
AMQPS_PORT = 5671
#: The login of a RabbitMQ without configured users.
_GUEST = Login("guest", "guest")
#: The options that a URL may have after its `?`, by scheme.
OPTIONS: Mapping[str, tuple[str, ...]] = {"amqp": (), "amqps": ("ssl_ca_certs", "ssl_certfile", "ssl_keyfile")}


@dataclass(frozen=True)
class RabbitServer:
    """The operator's RabbitMQ.

    Attributes:
        tls: the options of its URL; None without TLS.
    """

    host: str
    port: int
    vhost: str = "/"
    login: Login = _GUEST
    tls: Mapping[str, str] | None = None

    @property
    def url(self) -> str:
        """The URL in kombu's form."""
        scheme = "amqp" if self.tls is None else "amqps"
        return f"{scheme}://{self.login}{netloc(self.host, self.port)}/{quote(self.vhost, safe='')}"


def parse_broker_url(text: str) -> RabbitServer | None:
    """Parse a WEBHOOKS_BROKER_URL; None if it is empty.

    Raises:
        ValueError: it is malformed; the message completes a sentence and quotes nothing of the URL.
    """
    if not text:
        return None
    scheme, separator, _ = text.partition("://")
    if not separator or scheme not in OPTIONS:
        raise ValueError(
            "must be a URL such as amqp://user:password@host:5672/vhost, or empty for the Redis of REDIS_URL"
        )
    url = take_apart(text, OPTIONS[scheme])
    if not url.host or ";" in text:  # kombu would read several URLs separated by semicolons
        raise ValueError("must name one host; a semicolon of a password must be %-encoded")
    if "@" in urlsplit(text).path:  # with a password such as 12/34, the user would be read as the host
        raise ValueError("must have / and @ %-encoded in a password and in its vhost")
    if bool(url.login.username) != bool(url.login.password):
        raise ValueError("must have both a user and a password, or neither")
    return RabbitServer(
        host=url.host,
        port=url.port or (AMQPS_PORT if scheme == "amqps" else AMQP_PORT),
        vhost=url.path.removeprefix("/") or "/",
        login=url.login if url.login.username else _GUEST,
        tls=url.options if scheme == "amqps" else None,
    )
