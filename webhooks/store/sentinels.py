"""Connections to the server that Sentinels name as the primary."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from redis import exceptions
from redis.sentinel import (
    MasterNotFoundError,
    Sentinel,
    SentinelConnectionPool,
    SentinelManagedConnection,
    SentinelManagedSSLConnection,
)


class Sentinels(Protocol):
    """The Sentinels of a primary, and how to log in to them."""

    @property
    def addresses(self) -> Sequence[tuple[str, int]]:
        """Host and port of each Sentinel."""

    @property
    def service(self) -> str:
        """The service name of the primary and its replicas."""

    @property
    def username(self) -> str:
        """For the login to the Sentinels; empty for none."""

    @property
    def password(self) -> str:
        """For the login to the Sentinels; empty for none."""


def sentinel_pool(url: str, sentinels: Sentinels, timeout: float, **options: Any) -> SentinelConnectionPool:
    """Return a pool of connections to the current primary; nothing is sent yet.

    A new connection asks the Sentinels. A connection is closed if its server is not the primary any more and
    refuses to write.

    Args:
        url: `redis://…` or `rediss://…`, with the login, the database and TLS options of the server.
        timeout: seconds that all Sentinels together have to answer.
        options: of each connection to the server.
    """
    # They are asked one after the other, and all may be unreachable.
    share = timeout / len(sentinels.addresses)
    asked = _Asked(  # type: ignore[no-untyped-call]
        sentinels.addresses,
        sentinel_kwargs={
            "username": sentinels.username or None,
            "password": sentinels.password or None,
            "socket_timeout": share,
            "socket_connect_timeout": share,
            "retry": options.get("retry"),
        },
    )
    secure = url.startswith("rediss://")
    pool: SentinelConnectionPool = SentinelConnectionPool.from_url(
        url,
        service_name=sentinels.service,
        sentinel_manager=asked,
        connection_class=_TLSConnection if secure else _Connection,
        **options,
    )
    return pool


class _Connection(SentinelManagedConnection):
    """A connection that is closed when its server has lost its replicas.

    The server may be a former primary that was cut off, and has been replaced. redis-py itself handles a server
    that has become a replica.
    """

    def read_response(self, *args: Any, **options: Any) -> Any:
        try:
            return super().read_response(*args, **options)
        except exceptions.ResponseError as error:
            if not str(error).startswith("NOREPLICAS "):
                raise
            self.disconnect()  # type: ignore[no-untyped-call]
            raise exceptions.ConnectionError("The primary has lost its replicas") from error


class _TLSConnection(_Connection, SentinelManagedSSLConnection):
    """The same with TLS."""


class _Asked(Sentinel):
    """The Sentinels, asked one after the other; the one that answered last time is asked first.

    redis-py swaps them in a list that all threads share, so that concurrent threads can lose one.
    """

    def discover_master(self, service_name: str) -> tuple[str, int]:
        asked = self.sentinels
        heard: type[exceptions.RedisError] = MasterNotFoundError
        for sentinel in asked:
            try:
                services: Any = sentinel.sentinel_masters()
            except exceptions.TimeoutError:
                heard = exceptions.TimeoutError
                continue
            except exceptions.RedisError:  # unreachable, or it refuses the login
                continue
            state = services.get(service_name)
            if state and self.check_master_state(state, service_name):  # type: ignore[no-untyped-call]
                self.sentinels = [sentinel, *(other for other in asked if other is not sentinel)]
                return state["ip"], state["port"]
        # If one did not answer in time, asking again would take as long.
        raise heard("No Sentinel names a primary of the service")
