"""Checks before anything is started, so that a common obstacle is reported in one line."""

from __future__ import annotations

import socket

import redis

from config.redis_url import RedisServer
from webhooks.errors import StorageUnavailable
from webhooks.store.connection import connect


class CannotStartError(Exception):
    """Ringback cannot start on this machine; the message says why."""


def check_address(host: str, port: int) -> None:
    """Check that a server can listen on `host` and `port`.

    Raises:
        CannotStartError: it cannot.
    """
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            # As gunicorn does: connections of an earlier run in TIME_WAIT do not block the port.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        raise CannotStartError(
            f"the API cannot listen on {host}, port {port}: {error.strerror}; set PORT to choose another"
        ) from error


def check_redis(server: RedisServer) -> None:
    """Check that the Redis at `server`, or the one that its Sentinels name, answers within 3 s.

    Raises:
        CannotStartError: it does not answer, or refuses the login.
    """
    try:
        with connect(server.url, server.sentinels, timeout=3) as client:
            client.ping()
    except (StorageUnavailable, redis.RedisError) as error:
        # StorageUnavailable has the error of redis-py as its cause.
        raise CannotStartError(
            f"REDIS_URL is set, but Redis cannot be used there: {error.__cause__ or error}"
        ) from error
