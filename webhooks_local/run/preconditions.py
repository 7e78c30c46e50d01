"""What is looked at before anything is started, so that an obstacle is one line and not a stack trace."""

from __future__ import annotations

import socket

import redis

from config.redis_url import RedisServer
from webhooks.errors import StorageUnavailable
from webhooks.store.connection import connect


class CannotStartError(Exception):
    """Something on this machine stands in the way; the message says what."""


def check_address(host: str, port: int) -> None:
    """Do nothing if `host` and `port` can be listened on.

    Raises:
        CannotStartError: they cannot.
    """
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            # As gunicorn does: connections of an earlier start that are still dying do not count.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        raise CannotStartError(
            f"the API cannot listen on {host}, port {port}: {error.strerror}; set PORT to choose another"
        ) from error


def check_redis(server: RedisServer) -> None:
    """Do nothing if the Redis at `server`, or the one that its Sentinels name, answers within 3 s.

    Raises:
        CannotStartError: it does not answer, or refuses us.
    """
    try:
        with connect(server.url, server.sentinels, timeout=3) as client:
            client.ping()
    except (StorageUnavailable, redis.RedisError) as error:
        # What the business calls an outage has what redis-py said as its cause.
        raise CannotStartError(
            f"REDIS_URL is set, but Redis cannot be used there: {error.__cause__ or error}"
        ) from error
