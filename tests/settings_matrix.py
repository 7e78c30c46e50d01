"""Every documented form of every setting, and the starts of the real processes that have each of them once.

A form stands here as the table of docs/settings.md, or that of docs/running.md, has it;
`tests/project/test_settings_documented.py` compares them. A start is given just that, with this machine's servers
in place of the words that stand for some.
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
        forms: by setting, what it is set to, as documented; of lists, the forms with commas between.
        relay: the one in front of Redis, if there is one.
        mails: the SMTP server, if there is one.
        has_ipv6: whether this machine must have IPv6.
        is_hasty: whether a call may be ended by the limit that is tried; only an attempt is looked for then.
        trusts: environment variables that name our CA.
    """

    forms: Mapping[str, str]
    relay: str = ""
    mails: str = ""
    has_ipv6: bool = False
    is_hasty: bool = False
    trusts: tuple[str, ...] = ("WEBHOOKS_CA_BUNDLE",)

    def documented(self) -> set[tuple[str, str]]:
        """Return the forms that it has, with their settings."""
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
        is_hasty=True,
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
        trusts=("WEBHOOKS_CA_BUNDLE", "SSL_CERT_FILE"),  # as if it were one of the system's
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

#: Forms that not every machine can start, and the test that has them.
ELSEWHERE = {
    ("PORT", "1"): "tests/unit/config/test_settings.py",
    ("PORT", "65535"): "tests/unit/config/test_settings.py",
    ("WEBHOOKS_REPLICAS", "100"): "tests/unit/config/test_settings.py",
}


def environment_of(start: Start, database: int, servers: Servers, rabbitmq: int) -> dict[str, str]:
    """Return the settings of a start, with this machine's servers.

    Args:
        database: one of Redis that no other start uses.
        rabbitmq: the port of the RabbitMQ.
    """
    words = {
        "REDIS_URL": _words_of_redis(start, database, servers),
        "WEBHOOKS_BROKER_URL": {
            **_words_of_a_login(RABBIT_USER, RABBIT_PASSWORD),
            **_words_of_tls(servers),
            "host:5672": f"127.0.0.1:{rabbitmq}",
            "host:5671": f"localhost:{servers.relays['rabbitmq']}",
            "/vhost": f"/{quoted(RABBIT_VHOST)}",
        },
        "WEBHOOKS_NAME_SERVERS": servers.name_servers,
        "WEBHOOKS_ALLOWED_NETWORKS": {"192.0.2.7": "127.0.0.1"},
    }
    if start.mails:
        address = f"localhost:{servers.mails[start.mails].port}"
        words["SMTP_URL"] = {
            **_words_of_a_login(MAIL_USER, MAIL_PASSWORD),
            "host:587": address,
            "host:465": address,
        }
    settings = {name: _filled(form, words.get(name, {})) for name, form in start.forms.items()}
    # A second process of the API would show nothing more.
    return settings | dict.fromkeys(start.trusts, str(servers.authority)) | {"GUNICORN_CMD_ARGS": "--workers=1"}


def _words_of_redis(start: Start, database: int, servers: Servers) -> dict[str, str]:
    host = f"localhost:{servers.relays[start.relay]}" if start.relay else f"127.0.0.1:{servers.redis}"
    service = SECURE_SERVICE if start.relay else SERVICE
    return {
        **_words_of_a_login(USER, PASSWORD),
        **_words_of_tls(servers),
        "host:6379": host,
        "[2001:db8::1]:6379": f"[::1]:{servers.redis}",
        "host1:26379": f"127.0.0.1:{servers.sentinel}",
        "[2001:db8::2]:26379": f"[::1]:{servers.sentinel}",
        "host2:26379": f"127.0.0.1:{free_port()}",  # one that is down
        "/service": f"/{service}",
        "/run/redis.sock": "/".join(map(quoted, servers.socket.parts)).removeprefix("%2F"),
        "/0": f"/{database}",
        "db=0": f"db={database}",
    }


def _words_of_a_login(user: str, password: str) -> dict[str, str]:
    return {
        "user:password@": f"{quoted(user)}:{quoted(password)}@",
        ":password@": f":{quoted(password)}@",
        "username=user": f"username={quoted(user)}",
        "password=password": f"password={quoted(password)}",
    }


def _words_of_tls(servers: Servers) -> dict[str, str]:
    certificate, key = servers.client
    files = {"ssl_ca_certs": servers.authority, "ssl_certfile": certificate, "ssl_keyfile": key}
    return {f"{name}=FILE": f"{name}={quoted(str(path))}" for name, path in files.items()}


def _filled(form: str, words: Mapping[str, str]) -> str:
    """Return a form with other text in place of these words; of two that begin at one place, the longer."""
    if not words:
        return form
    longest_first = sorted(words, key=len, reverse=True)
    return re.sub("|".join(map(re.escape, longest_first)), lambda match: words[match[0]], form)


def _parts(name: str, text: str) -> set[str]:
    return {text} if name.endswith("_URL") else set(text.split(","))
