"""Celery's settings for its broker: the Redis of the ledger, or a separate RabbitMQ.

An unreachable broker is noticed within a second. A message that was not published is only delayed: the ledger
knows what is owed, and the sweep publishes it again.
"""

from __future__ import annotations

import ssl
from typing import Any
from urllib.parse import quote

from config.amqp_url import RabbitServer
from config.redis_url import RedisServer, Sentinels
from config.urls import netloc

#: Seconds that connecting to the broker, and each command, may take.
TIMEOUT = 1
#: The publishing connections of a process: one for each thread of the API (`MAX_THREADS` in
#: webhooks_api/server/capacity.py), including the main thread. An unresponsive broker blocks each for a second,
#: and no caller may wait for another.
MAX_PUBLISHING_CONNECTIONS = 65

_REDIS_OPTIONS: dict[str, Any] = {
    "socket_timeout": TIMEOUT,
    "socket_connect_timeout": TIMEOUT,
    "socket_keepalive": True,
    "health_check_interval": 3,
    "priority_steps": [0],  # one key for each queue
    # Redis does not record the messages that a worker has taken, which saves two of three round trips. The
    # messages of a killed worker are lost; the sweep publishes their ids again, long before kombu would restore
    # them.
    "ack_emulation": False,
    "retry_on_timeout": False,
    "max_retries": 0,
}
_RABBITMQ_OPTIONS = {"read_timeout": TIMEOUT, "write_timeout": TIMEOUT, "max_retries": 0}
#: py-amqp's names for the options of a URL.
_AMQP_TLS = {"ssl_ca_certs": "ca_certs", "ssl_certfile": "certfile", "ssl_keyfile": "keyfile"}


def broker_settings(redis: RedisServer, rabbitmq: RabbitServer | None = None) -> dict[str, Any]:
    """Return Celery's settings about its broker.

    Args:
        redis: the server of the ledger, which is also the broker if there is no RabbitMQ.
        rabbitmq: the broker; None if it is Redis.
    """
    common = {"broker_connection_timeout": TIMEOUT, "broker_pool_limit": MAX_PUBLISHING_CONNECTIONS}
    return common | (_redis(redis) if rabbitmq is None else _rabbitmq(rabbitmq))


def _redis(server: RedisServer) -> dict[str, Any]:
    settings: dict[str, Any] = {"broker_transport_options": _REDIS_OPTIONS, "broker_url": _redis_url(server)}
    if server.tls is not None:
        settings["broker_use_ssl"] = dict(server.tls)
    if server.sentinels is not None:
        settings["broker_url"] = _sentinel_urls(server.sentinels, server)
        settings["broker_transport_options"] = {**_REDIS_OPTIONS, **_sentinel_options(server.sentinels)}
    return settings


def _redis_url(server: RedisServer) -> str:
    """Return the URL as kombu reads it: it writes sockets differently, and has a separate setting for TLS."""
    if server.path:
        return f"redis+socket://{server.login}{quote(server.path)}?virtual_host={server.database}"
    scheme = "redis" if server.tls is None else "rediss"
    return f"{scheme}://{server.login}{netloc(server.host, server.port)}/{server.database}"


def _sentinel_urls(sentinels: Sentinels, server: RedisServer) -> str:
    return ";".join(
        f"sentinel://{server.login}{netloc(host, port)}/{server.database}" for host, port in sentinels.addresses
    )


def _sentinel_options(sentinels: Sentinels) -> dict[str, Any]:
    share = TIMEOUT / len(sentinels.addresses)  # they are asked one after the other
    login = {"username": sentinels.username or None, "password": sentinels.password or None}
    limits = {"socket_timeout": share, "socket_connect_timeout": share, "retry": None}
    return {"master_name": sentinels.service, "sentinel_kwargs": {**login, **limits}}


def _rabbitmq(server: RabbitServer) -> dict[str, Any]:
    settings: dict[str, Any] = {
        "broker_url": server.url,
        "broker_transport": "messaging.amqp_transport:Transport",
        "broker_transport_options": _RABBITMQ_OPTIONS,
        # For the connections of workers; those that only publish have no heartbeat, and fail at the next publish.
        "broker_heartbeat": 10,
    }
    if server.tls is not None:
        # By default, py-amqp does not verify the certificate.
        settings["broker_use_ssl"] = {
            "cert_reqs": ssl.CERT_REQUIRED,
            "server_hostname": server.host,
            **{_AMQP_TLS[name]: value for name, value in server.tls.items()},
        }
    return settings
