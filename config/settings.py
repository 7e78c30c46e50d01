"""Every setting of Ringback: the only module that reads the environment."""

from __future__ import annotations

import ipaddress
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from cryptography.fernet import Fernet

from config.broker import check_broker_url
from config.redis_url import RedisServer, parse_redis_url

T = TypeVar("T")
#: A hundred years; far beyond, time cannot be reckoned with any more.
MAX_DAYS = 36_500
MAX_REPLICAS = 100
MAX_PROXIES = 10
MAX_CALLS = 1_000_000
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class SettingsError(Exception):
    """A setting is missing or malformed; the message names it and never repeats its value."""


@dataclass(frozen=True)
class Settings:
    """What an operator can set; the README has the table.

    Attributes:
        redis_url: where the ledger lives.
        broker_url: the RabbitMQ where Celery's queues live; empty if they live beside the ledger.
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
        name_servers: who looks up the names of receivers, as `address` or `address:port`; the system's if empty.
        ca_bundle: a PEM file trusted besides the public roots.
        retry_delays: seconds from a failed attempt to the next; there is one attempt more than delays.
        timeout: seconds that the whole exchange with a receiver may take.
        history_days: days that a finished delivery is kept.
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
    allowed_networks: tuple[Network, ...]
    name_servers: tuple[str, ...]
    ca_bundle: Path | None
    retry_delays: tuple[float, ...]
    timeout: float
    history_days: float

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Settings:
        """Read all settings.

        Raises:
            SettingsError: one is missing or malformed.
        """
        required = _Reader(environment)
        optional = _Reader(environment, defaults=DEFAULTS)
        return cls(
            redis_url=required("REDIS_URL", _redis_url),
            broker_url=optional("WEBHOOKS_BROKER_URL", _broker_url),
            replicas=optional("WEBHOOKS_REPLICAS", _count(MAX_REPLICAS)),
            host=optional("WEBHOOKS_HOST", str),
            port=optional("PORT", _port),
            admin_key=required("WEBHOOKS_ADMIN_KEY", _bearer_key),
            producer_keys=required("WEBHOOKS_PRODUCER_KEYS", _some(_bearer_key)),
            secret_keys=required("WEBHOOKS_SECRET_KEYS", _some(_fernet_key)),
            ingest_limit=optional("WEBHOOKS_INGEST_LIMIT", _count(MAX_CALLS)),
            api_limit=optional("WEBHOOKS_API_LIMIT", _count(MAX_CALLS)),
            trusted_proxies=optional("WEBHOOKS_TRUSTED_PROXIES", _count(MAX_PROXIES)),
            allowed_networks=optional("WEBHOOKS_ALLOWED_NETWORKS", _each(ipaddress.ip_network)),
            name_servers=optional("WEBHOOKS_NAME_SERVERS", _each(_name_server)),
            ca_bundle=optional("WEBHOOKS_CA_BUNDLE", _readable_file),
            retry_delays=optional("WEBHOOKS_RETRY_DELAYS", _each(_positive)),
            timeout=optional("WEBHOOKS_TIMEOUT", _positive),
            history_days=optional("WEBHOOKS_HISTORY_DAYS", _days),
        )

    @property
    def bind(self) -> str:
        """Where the API listens, as gunicorn takes it: `127.0.0.1:8080`, `[::1]:8080`."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def redis(self) -> RedisServer:
        """The server of `redis_url`."""
        return parse_redis_url(self.redis_url)


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
            # The parsers below word their errors without the value; other errors may repeat it.
            reason = error.args[0] if isinstance(error, _Malformed) else "is malformed"
            raise SettingsError(f"{name} {reason}") from None


class _Malformed(ValueError):
    """A value that a setting cannot take; the message finishes a sentence that begins with its name."""


def _each(parse: Callable[[str], T]) -> Callable[[str], tuple[T, ...]]:
    def parse_list(text: str) -> tuple[T, ...]:
        return tuple(parse(part.strip()) for part in text.split(",") if part.strip())

    return parse_list


def _some(parse: Callable[[str], T]) -> Callable[[str], tuple[T, ...]]:
    def parse_list(text: str) -> tuple[T, ...]:
        if not (values := _each(parse)(text)):
            raise _Malformed("must hold at least one key")
        return values

    return parse_list


def _redis_url(text: str) -> str:
    try:
        parse_redis_url(text)
    except ValueError as error:  # in words of its own
        raise _Malformed(str(error)) from None
    return text


def _broker_url(text: str) -> str:
    try:
        return check_broker_url(text)
    except ValueError as error:  # in words of its own
        raise _Malformed(str(error)) from None


def _port(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 65_536:
        raise _Malformed("must be a port number from 1 to 65535")
    return int(text)


def _count(largest: int) -> Callable[[str], int]:
    def parse_count(text: str) -> int:
        if not (text.isascii() and text.isdecimal()) or int(text) > largest:
            raise _Malformed(f"must be a whole number from 0 to {largest}")
        return int(text)

    return parse_count


def _positive(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < float("inf"):
        raise _Malformed("must hold positive numbers only")
    return number


def _days(text: str) -> float:
    if (days := _positive(text)) > MAX_DAYS:
        raise _Malformed(f"must be at most {MAX_DAYS}")
    return days


def _bearer_key(text: str) -> str:
    if not text.isascii() or not text.isprintable() or " " in text:
        raise _Malformed("must hold printable ASCII keys without spaces")
    return text


def _fernet_key(text: str) -> str:
    try:
        Fernet(text)
    except ValueError:
        raise _Malformed("must hold Fernet keys (32 random bytes in URL-safe base64)") from None
    return text


def _name_server(text: str) -> str:
    """Take `192.0.2.53`, `192.0.2.53:5353`, `2001:db8::53` or `[2001:db8::53]:5353`."""
    bracketed = re.fullmatch(r"\[(.+)\](?::(\d+))?", text)
    plain = re.fullmatch(r"([^:]+):(\d+)", text)
    address, port = bracketed.groups() if bracketed else plain.groups() if plain else (text, None)
    try:
        ipaddress.ip_address(address)
        if port is not None:
            _port(port)
    except ValueError:
        raise _Malformed("must hold IP addresses, each with a port if it is not 53") from None
    return text


def _readable_file(text: str) -> Path | None:
    if not text:
        return None
    path = Path(text)
    if not path.is_file():
        raise _Malformed("must name a file")
    return path
