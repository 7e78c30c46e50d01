"""Celery's settings for its broker: the Redis of the ledger, or a RabbitMQ of its own.

Whatever the broker, it is told within a second that it is out of reach. The ledger knows what is owed, so a
message that was not published costs a moment: the sweep publishes it again.
"""

from __future__ import annotations

import ssl
from typing import Any
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlsplit

from config.redis_url import RedisServer, Sentinels, check_port

#: Seconds that connecting to the broker, and each command, may take.
TIMEOUT = 1
#: Connections of a process for publishing: one for each thread of the API (config/gunicorn.py), the main one among
#: them, as a broker that hangs holds each for a second, and nobody may have to wait for a second one.
PUBLISHERS = 65

_REDIS_OPTIONS: dict[str, Any] = {
    "socket_timeout": TIMEOUT,
    "socket_connect_timeout": TIMEOUT,
    "socket_keepalive": True,
    "health_check_interval": 3,
    "priority_steps": [0],  # one key for each queue
    # Nothing is noted in Redis of a message that a worker has taken: two of its three round trips. What a killed
    # worker had taken is lost, and the sweep publishes its ids again, long before kombu would have put it back.
    "ack_emulation": False,
    "retry_on_timeout": False,
    "max_retries": 0,
}
_RABBITMQ_OPTIONS = {"read_timeout": TIMEOUT, "write_timeout": TIMEOUT, "max_retries": 0}
_FALSE = ("0", "f", "false", "n", "no")
#: What a URL's parameters are called by py-amqp.
_AMQP_TLS = {"ssl_ca_certs": "ca_certs", "ssl_certfile": "certfile", "ssl_keyfile": "keyfile"}


def check_broker_url(text: str) -> str:
    """Return `text` if it is the URL of a RabbitMQ, or empty.

    Raises:
        ValueError: it is neither; the message finishes a sentence and repeats nothing of the URL.
    """
    if not text:
        return text
    if not text.startswith(("amqp://", "amqps://")):
        raise ValueError(
            "must be a URL such as amqp://user:password@host:5672/vhost, or empty for the Redis of REDIS_URL"
        )
    check_port(text)
    url = urlsplit(text)
    if url.hostname is None or ";" in text:
        raise ValueError("must name one host")
    if url.query and (url.scheme == "amqp" or not dict(parse_qsl(url.query)).keys() <= _AMQP_TLS.keys()):
        raise ValueError(f"takes after its `?` only, and with amqps:// only, {', '.join(_AMQP_TLS)}")
    return text


def broker_settings(redis: RedisServer, broker_url: str = "") -> dict[str, Any]:
    """Return what Celery is told about its broker.

    Args:
        redis: where the ledger is; the broker too, if there is no other.
        broker_url: a RabbitMQ, as `check_broker_url` passed it; empty for none.
    """
    common = {"broker_connection_timeout": TIMEOUT, "broker_pool_limit": PUBLISHERS}
    return common | (_rabbitmq(urlsplit(broker_url)) if broker_url else _redis(redis))


def _redis(redis: RedisServer) -> dict[str, Any]:
    url = urlsplit(redis.url)
    options = dict(parse_qsl(url.query))
    settings: dict[str, Any] = {"broker_transport_options": _REDIS_OPTIONS}
    if url.scheme == "rediss":
        settings["broker_use_ssl"] = _redis_tls(options)
    if redis.sentinels is None:
        return {**settings, "broker_url": _redis_url(url, options)}
    return {
        **settings,
        "broker_url": _sentinel_urls(redis.sentinels, url),
        "broker_transport_options": {**_REDIS_OPTIONS, **_sentinel_options(redis.sentinels)},
    }


def _redis_url(url: SplitResult, options: dict[str, str]) -> str:
    """Return the URL as kombu takes it, which has other words for some of what redis-py understands."""
    login = _login(url.username or options.get("username"), url.password or options.get("password"))
    if url.scheme == "unix":
        return f"redis+socket://{login}{url.path}?virtual_host={options.get('db', '0')}"
    address = url.netloc.rpartition("@")[2]
    return f"{url.scheme}://{login}{address}/{options.get('db', url.path.strip('/'))}"


def _sentinel_urls(sentinels: Sentinels, url: SplitResult) -> str:
    login = _login(url.username, url.password)
    addresses = (f"[{host}]:{port}" if ":" in host else f"{host}:{port}" for host, port in sentinels.addresses)
    return ";".join(f"sentinel://{login}{address}{url.path}" for address in addresses)


def _sentinel_options(sentinels: Sentinels) -> dict[str, Any]:
    share = TIMEOUT / len(sentinels.addresses)  # they are asked one after the other
    login = {"username": sentinels.username or None, "password": sentinels.password or None}
    limits = {"socket_timeout": share, "socket_connect_timeout": share, "retry": None}
    return {"master_name": sentinels.service, "sentinel_kwargs": {**login, **limits}}


def _redis_tls(options: dict[str, str]) -> dict[str, Any]:
    """Return what kombu hands to redis-py. Left to itself, kombu would not look at the certificate."""
    tls: dict[str, Any] = {"ssl_cert_reqs": "required"}
    tls |= {name: value for name, value in options.items() if name.startswith("ssl_")}
    if "ssl_check_hostname" in tls:
        tls["ssl_check_hostname"] = tls["ssl_check_hostname"].lower() not in _FALSE
    return tls


def _rabbitmq(url: SplitResult) -> dict[str, Any]:
    settings: dict[str, Any] = {
        "broker_url": url._replace(query="").geturl(),
        "broker_transport": "config.amqp:Transport",
        "broker_transport_options": _RABBITMQ_OPTIONS,
        # Of the workers' connections; those that only publish have none, and break at the next publish.
        "broker_heartbeat": 10,
    }
    if url.scheme == "amqps":
        given = {_AMQP_TLS[name]: value for name, value in parse_qsl(url.query)}
        # Left to itself, py-amqp would not look at the certificate.
        settings["broker_use_ssl"] = {
            "cert_reqs": ssl.CERT_REQUIRED,
            "server_hostname": url.hostname,
            **given,
        }
    return settings


def _login(username: str | None, password: str | None) -> str:
    """Return both quoted anew: kombu splits URLs at semicolons."""
    if not username and not password:
        return ""
    return f"{quote(unquote(username or ''), safe='')}:{quote(unquote(password or ''), safe='')}@"
