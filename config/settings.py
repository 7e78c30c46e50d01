"""Every setting of Ringback: the only module that reads the environment."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.headerregistry import Address
from pathlib import Path
from typing import TypeVar

from config import parsing
from config.amqp_url import RabbitServer, parse_broker_url
from config.redis_url import RedisServer, parse_redis_url
from config.smtp_url import SmtpServer, parse_smtp_url

T = TypeVar("T")
MAX_REPLICAS = 100
MAX_PROXIES = 10
MAX_CALLS = 1_000_000


class SettingsError(Exception):
    """A setting is missing or malformed; the message names it and never quotes its value."""


@dataclass(frozen=True)
class Settings:
    """What an operator can set; docs/settings.md has the table.

    Attributes:
        redis_url: the server of the ledger.
        broker_url: the RabbitMQ of Celery's queues; empty if they are in the ledger's Redis.
        replicas: how many replicas of Redis must have an event before it is accepted.
        host: the address the API listens on.
        port: the port the API listens on.
        admin_key: the bearer key of `/api/admin`.
        producer_keys: the bearer keys of `/api/events`, one for each producer.
        secret_keys: Fernet keys for signing secrets at rest; the first encrypts, all decrypt.
        ingest_limit: calls per second and producer key; 0 for no limit.
        api_limit: customers' calls per 5 minutes and profile; 0 for no limit.
        trusted_proxies: how many proxies in front of the API add the caller's address to X-Forwarded-For.
        allowed_networks: networks that may be called although they are not public.
        name_servers: the name servers for receivers, as `address` or `address:port`; the system's if empty.
        ca_bundle: a PEM file with authorities that are trusted in addition to the public ones.
        retry_delays: seconds from a failed attempt to the next; there is one more attempt than delays.
        timeout: seconds that the whole exchange with a receiver may take.
        history_days: days that an ended delivery is kept.
        feed_interval: seconds from one poll of a feed to the next.
        smtp_url: the SMTP server for e-mails; empty if they are written to the log.
        email_from: the sender of e-mails.
    """

    redis_url: str = field(repr=False)
    broker_url: str = field(repr=False)
    replicas: int
    host: str
    port: int
    admin_key: str = field(repr=False)
    producer_keys: tuple[str, ...] = field(repr=False)
    secret_keys: tuple[str, ...] = field(repr=False)
    ingest_limit: int
    api_limit: int
    trusted_proxies: int
    allowed_networks: tuple[parsing.Network, ...]
    name_servers: tuple[str, ...]
    ca_bundle: Path | None
    retry_delays: tuple[float, ...]
    timeout: float
    history_days: float
    feed_interval: float
    smtp_url: str = field(repr=False)
    email_from: Address

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Settings:
        """Read all settings.

        Raises:
            SettingsError: one is missing or malformed.
        """
        required = _Reader(environment)
        optional = _Reader(environment, defaults=DEFAULTS)
        return cls(
            redis_url=required("REDIS_URL", parsing.redis_url),
            broker_url=optional("WEBHOOKS_BROKER_URL", parsing.broker_url),
            replicas=optional("WEBHOOKS_REPLICAS", parsing.count(MAX_REPLICAS)),
            host=optional("WEBHOOKS_HOST", parsing.host),
            port=optional("PORT", parsing.port),
            admin_key=required("WEBHOOKS_ADMIN_KEY", parsing.bearer_key),
            producer_keys=required("WEBHOOKS_PRODUCER_KEYS", parsing.some(parsing.bearer_key)),
            secret_keys=required("WEBHOOKS_SECRET_KEYS", parsing.some(parsing.fernet_key)),
            ingest_limit=optional("WEBHOOKS_INGEST_LIMIT", parsing.count(MAX_CALLS)),
            api_limit=optional("WEBHOOKS_API_LIMIT", parsing.count(MAX_CALLS)),
            trusted_proxies=optional("WEBHOOKS_TRUSTED_PROXIES", parsing.count(MAX_PROXIES)),
            allowed_networks=optional("WEBHOOKS_ALLOWED_NETWORKS", parsing.each(parsing.network)),
            name_servers=optional("WEBHOOKS_NAME_SERVERS", parsing.each(parsing.name_server)),
            ca_bundle=optional("WEBHOOKS_CA_BUNDLE", parsing.ca_bundle),
            retry_delays=optional("WEBHOOKS_RETRY_DELAYS", parsing.retry_delays),
            timeout=optional("WEBHOOKS_TIMEOUT", parsing.timeout),
            history_days=optional("WEBHOOKS_HISTORY_DAYS", parsing.days),
            feed_interval=optional("WEBHOOKS_FEED_INTERVAL", parsing.interval),
            smtp_url=optional("SMTP_URL", parsing.smtp_url),
            email_from=optional("EMAIL_FROM", parsing.sender),
        )

    @property
    def bind(self) -> str:
        """The address on which the API listens, in gunicorn's form: `127.0.0.1:8080`, `[::1]:8080`."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def redis(self) -> RedisServer:
        """The server of `redis_url`."""
        return parse_redis_url(self.redis_url)

    @property
    def rabbitmq(self) -> RabbitServer | None:
        """The server of `broker_url`, if there is one."""
        return parse_broker_url(self.broker_url)

    @property
    def redis_publishes(self) -> bool:
        """Whether Lua scripts may append messages to queues: Redis is the broker, without confirming replicas."""
        return not self.broker_url and not self.replicas

    @property
    def smtp(self) -> SmtpServer | None:
        """The server of `smtp_url`, if there is one."""
        return parse_smtp_url(self.smtp_url)


DEFAULTS: Mapping[str, str] = {
    "WEBHOOKS_BROKER_URL": "",
    "WEBHOOKS_REPLICAS": "0",
    "WEBHOOKS_HOST": "127.0.0.1",
    "PORT": "8080",
    "WEBHOOKS_INGEST_LIMIT": "10000",
    "WEBHOOKS_API_LIMIT": "300",
    "WEBHOOKS_TRUSTED_PROXIES": "0",
    "WEBHOOKS_ALLOWED_NETWORKS": "",
    "WEBHOOKS_NAME_SERVERS": "",
    "WEBHOOKS_CA_BUNDLE": "",
    "WEBHOOKS_RETRY_DELAYS": "5,30",
    "WEBHOOKS_TIMEOUT": "10",
    "WEBHOOKS_HISTORY_DAYS": "180",
    "WEBHOOKS_FEED_INTERVAL": "300",
    "SMTP_URL": "",
    "EMAIL_FROM": "Ringback <ringback@localhost>",
}


class _Reader:
    def __init__(self, environment: Mapping[str, str], defaults: Mapping[str, str] | None = None) -> None:
        self._environment = environment
        self._defaults = defaults

    def __call__(self, name: str, parse: Callable[[str], T]) -> T:
        text = self._environment.get(name, "").strip()
        if not text and self._defaults is None:
            raise SettingsError(f"{name} is not set (`make run` sets what is missing; production sets it itself)")
        if not text and self._defaults is not None:
            text = self._defaults[name]
        try:
            return parse(text)
        except ValueError as error:
            # The messages of the parsers do not quote the value; other errors may.
            reason = error.args[0] if isinstance(error, parsing.Malformed) else "is malformed"
            raise SettingsError(f"{name} {reason}") from None
