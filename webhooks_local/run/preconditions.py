"""What is looked at before anything is started, so that an obstacle is one line and not a stack trace."""

from __future__ import annotations

import socket

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from config.settings import SettingsError


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


def check_redis(url: str) -> None:
    """Do nothing if the Redis at `url` answers within 3 s.

    Raises:
        SettingsError: `url` is no Redis URL.
        CannotStartError: it does not answer, or refuses us.
    """
    try:
        with redis.Redis.from_url(
            url, socket_timeout=3, socket_connect_timeout=3, retry=Retry(NoBackoff(), 0)
        ) as client:
            client.ping()
    except ValueError:
        # Without the error's own words, which may hold a part of the password.
        raise SettingsError("REDIS_URL is malformed") from None
    except redis.RedisError as error:
        raise CannotStartError(f"REDIS_URL is set, but Redis cannot be used there: {error}") from error
