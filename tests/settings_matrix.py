"""Every documented form of every setting, in starts of the real processes that use each form once.

A form is written here as in the tables of docs/settings.md and of docs/running.md;
`tests/project/test_settings_documented.py` compares them. For a start, placeholders such as `host:6379` are
replaced by the servers of this machine.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from settings_servers import MAIL_PASSWORD, MAIL_USER, PASSWORD, SECURE_SERVICE, SERVICE, USER, Servers, quoted
from webhooks_local.ports import free_port

RABBIT_USER, RABBIT_PASSWORD, RABBIT_VHOST = "ring@back", "r%41b@:/;?#&=+ []", "v/host%41"


@dataclass(frozen=True)
class Start:
    """One start of web, worker and beat.

    Attributes:
        forms: the value of each setting as documented; a list contains several forms, separated by commas.
        relay: the TLS relay in front of Redis, if there is one.
        mails: the SMTP server, if there is one.
        has_ipv6: whether this machine must have IPv6.
        is_hasty: whether the timeout may end a call early; then only an attempt is expected.
        trusts: environment variables that name the CA of the servers.
    """

    forms: Mapping[str, str]
    relay: str = ""
    mails: str = ""
    has_ipv6: bool = False
    has_short_timeout: bool = False
    trusts: tuple[str, ...] = ("WEBHOOKS_CA_BUNDLE",)

    def documented(self) -> set[tuple[str, str]]:
        """Return its settings and forms."""
        return {(name, part) for name, text in self.forms.items() for part in _parts(name, text)}


LOWEST = {
    "WEBHOOKS_INGEST_LIMIT": "0",
    "WEBHOOKS_API_LIMIT": "0",
    "WEBHOOKS_TRUSTED_PROXIES": "0",
    "WEBHOOKS_REPLICAS": "0",
    "WEBHOOKS_FEED_INTERVAL": "1",
    "WEBHOOKS_TIMEOUT": "0.1",
    "WEBHOOKS_RETRY_DELAYS": "0.1,5,30",
}
HIGHEST = {
    "WEBHOOKS_INGEST_LIMIT": "1000000",
    "WEBHOOKS_API_LIMIT": "1000000",
    "WEBHOOKS_TRUSTED_PROXIES": "10",
    "WEBHOOKS_FEED_INTERVAL": "86400",
    "WEBHOOKS_TIMEOUT": "3600",
    "WEBHOOKS_RETRY_DELAYS": "1,1,1,1,1,1,1,86400",
    "WEBHOOKS_HISTORY_DAYS": "36500",
}

STARTS = {
    "redis, password": Start(
        {
            "REDIS_URL": "redis://:password@host:6379/0",
            "SMTP_URL": "smtp://host:587",
            "WEBHOOKS_HOST": "::1",
            **LOWEST,
        },
        mails="offers TLS",
        has_ipv6=True,
        has_short_timeout=True,
    ),
    "redis, user, IPv6": Start(
        {
            "REDIS_URL": "redis://user:password@[2001:db8::1]:6379/0",
            "SMTP_URL": "smtp://user:password@host:587",
            "EMAIL_FROM": "ringback@example.com",
            **HIGHEST,
        },
        mails="demands TLS",
        has_ipv6=True,
    ),
    "redis, query": Start(
        {
            "REDIS_URL": "redis://host:6379?username=user&password=password&db=0",
            "SMTP_URL": "smtps://user:password@host:465",
            "WEBHOOKS_NAME_SERVERS": "192.0.2.53",
            "EMAIL_FROM": "Ringback <ringback@example.com>",
        },
        mails="speaks TLS",
    ),
    "rediss": Start(
        {
            "REDIS_URL": "rediss://:password@host:6379/0",
            "SMTP_URL": "smtp://host:587?starttls=required",
            "WEBHOOKS_NAME_SERVERS": "192.0.2.53:5353",
            "WEBHOOKS_HOST": "localhost",
        },
        relay="trusted",
        mails="offers TLS",
        trusts=("WEBHOOKS_CA_BUNDLE", "SSL_CERT_FILE"),  # as a CA of the system
    ),
    "rediss, files; amqps": Start(
        {
            "REDIS_URL": "rediss://:password@host:6379/0?ssl_ca_certs=FILE&ssl_certfile=FILE&ssl_keyfile=FILE",
            "WEBHOOKS_BROKER_URL": (
                "amqps://user:password@host:5671/vhost?ssl_ca_certs=FILE&ssl_certfile=FILE&ssl_keyfile=FILE"
            ),
        },
        relay="demanding",
    ),
    "rediss, another name; amqp": Start(
        {
            "REDIS_URL": "rediss://:password@host:6379/0?ssl_ca_certs=FILE&ssl_check_hostname=false",
            "WEBHOOKS_BROKER_URL": "amqp://user:password@host:5672/vhost",
        },
        relay="another name",
    ),
    "rediss, unknown CA": Start(
        {
            "REDIS_URL": "rediss://:password@host:6379/0?ssl_cert_reqs=none",
            "SMTP_URL": "smtp://host:587?starttls=no",
            "WEBHOOKS_HOST": "0.0.0.0",  # noqa: S104  what an operator sets in a container
        },
        relay="unknown",
        mails="bare",
    ),
    "unix, query": Start(
        {
            "REDIS_URL": "unix:///run/redis.sock?username=user&password=password&db=0",
            "WEBHOOKS_NAME_SERVERS": "2001:db8::53",
        },
        has_ipv6=True,
    ),
    "unix, user": Start(
        {
            "REDIS_URL": "unix://user:password@/run/redis.sock?db=0",
            "WEBHOOKS_NAME_SERVERS": "[2001:db8::53]:5353",
        },
        has_ipv6=True,
    ),
    "redis+sentinel": Start(
        {
            "REDIS_URL": (
                "redis+sentinel://user:password@[2001:db8::2]:26379,host2:26379/service/0"
                "?sentinel_username=user&sentinel_password=password"
            ),
            "WEBHOOKS_ALLOWED_NETWORKS": "10.0.0.0/8,fd00::/8,192.0.2.7",
        },
        has_ipv6=True,
    ),
    "rediss+sentinel": Start(
        {
            "REDIS_URL": (
                "rediss+sentinel://:password@host1:26379/service/0?sentinel_password=password&ssl_ca_certs=FILE"
            )
        },
        relay="trusted",
    ),
}

#: Forms that not every machine can start with, and the test that covers them.
ELSEWHERE = {
    ("PORT", "1"): "tests/unit/config/test_settings.py",
    ("PORT", "65535"): "tests/unit/config/test_settings.py",
    ("WEBHOOKS_REPLICAS", "100"): "tests/unit/config/test_settings.py",
}


def environment_of(start: Start, database: int, servers: Servers, rabbitmq: int) -> dict[str, str]:
    """Return the settings of a start, with the servers of this machine.

    Args:
        database: a database of Redis that no other start uses.
        rabbitmq: the port of RabbitMQ.
    """
    placeholders = {
        "REDIS_URL": _redis_placeholders(start, database, servers),
        "WEBHOOKS_BROKER_URL": {
            **_login_placeholders(RABBIT_USER, RABBIT_PASSWORD),
            **_tls_placeholders(servers),
            "host:5672": f"127.0.0.1:{rabbitmq}",
            "host:5671": f"localhost:{servers.relays['rabbitmq']}",
            "/vhost": f"/{quoted(RABBIT_VHOST)}",
        },
        "WEBHOOKS_NAME_SERVERS": servers.name_servers,
        "WEBHOOKS_ALLOWED_NETWORKS": {"192.0.2.7": "127.0.0.1"},
    }
    if start.mails:
        address = f"localhost:{servers.mails[start.mails].port}"
        placeholders["SMTP_URL"] = {
            **_login_placeholders(MAIL_USER, MAIL_PASSWORD),
            "host:587": address,
            "host:465": address,
        }
    settings = {name: _filled(form, placeholders.get(name, {})) for name, form in start.forms.items()}
    # One process of the API is enough.
    return settings | dict.fromkeys(start.trusts, str(servers.authority)) | {"GUNICORN_CMD_ARGS": "--workers=1"}


def _redis_placeholders(start: Start, database: int, servers: Servers) -> dict[str, str]:
    host = f"localhost:{servers.relays[start.relay]}" if start.relay else f"127.0.0.1:{servers.redis}"
    service = SECURE_SERVICE if start.relay else SERVICE
    return {
        **_login_placeholders(USER, PASSWORD),
        **_tls_placeholders(servers),
        "host:6379": host,
        "[2001:db8::1]:6379": f"[::1]:{servers.redis}",
        "host1:26379": f"127.0.0.1:{servers.sentinel}",
        "[2001:db8::2]:26379": f"[::1]:{servers.sentinel}",
        "host2:26379": f"127.0.0.1:{free_port()}",  # a Sentinel that is down
        "/service": f"/{service}",
        "/run/redis.sock": "/".join(map(quoted, servers.socket.parts)).removeprefix("%2F"),
        "/0": f"/{database}",
        "db=0": f"db={database}",
    }


def _login_placeholders(user: str, password: str) -> dict[str, str]:
    return {
        "user:password@": f"{quoted(user)}:{quoted(password)}@",
        ":password@": f":{quoted(password)}@",
        "username=user": f"username={quoted(user)}",
        "password=password": f"password={quoted(password)}",
    }


def _tls_placeholders(servers: Servers) -> dict[str, str]:
    certificate, key = servers.client
    files = {"ssl_ca_certs": servers.authority, "ssl_certfile": certificate, "ssl_keyfile": key}
    return {f"{name}=FILE": f"{name}={quoted(str(path))}" for name, path in files.items()}


def _filled(form: str, placeholders: Mapping[str, str]) -> str:
    """Return a form with its placeholders replaced; a longer placeholder takes precedence over a shorter one."""
    if not placeholders:
        return form
    longest_first = sorted(placeholders, key=len, reverse=True)
    return re.sub("|".join(map(re.escape, longest_first)), lambda match: placeholders[match[0]], form)


def _parts(name: str, text: str) -> set[str]:
    return {text} if name.endswith("_URL") else set(text.split(","))
