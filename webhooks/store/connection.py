"""The connection to Redis."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from time import monotonic
from typing import Any

from redis import Redis, exceptions
from redis.backoff import NoBackoff
from redis.client import NEVER_DECODE, Pipeline
from redis.retry import Retry

from webhooks.errors import StorageUnavailable
from webhooks.store.breaker import Breaker
from webhooks.store.sentinels import Sentinels, sentinel_pool

# The errors of redis-py, besides timeouts, while the server is unreachable or cannot write.
_OUTAGES = (
    exceptions.BusyLoadingError,
    exceptions.ConnectionError,
    exceptions.MasterDownError,
    exceptions.OutOfMemoryError,
    exceptions.ReadOnlyError,
)

# Outages for which redis-py has no class: the server cannot save, has too few replicas, became a replica while a
# command waited, is blocked by a script, or does not permit the command. In a transaction, redis-py puts a
# sentence before the code.
_CANNOT_WRITE = re.compile(r"(^|pipeline caused error: )(MISCONF|NOREPLICAS|UNBLOCKED|BUSY|NOPERM) ")

#: A client whose answers are text. redis-py types each answer as bytes or text, so a type checker cannot
#: check it; the contract tests of the store do.
Client = Any

#: The option of a command whose answer is not decoded.
AS_BYTES: Mapping[str, Any] = {NEVER_DECODE: True}

#: Milliseconds since 1970, for tests; None is the server's own clock.
Clock = Callable[[], int]


def connect(
    url: str, sentinels: Sentinels | None = None, timeout: float = 1.0, breaker: Breaker | None = None
) -> Client:
    """Return a client for the server at `url`; nothing is sent yet.

    Args:
        url: `redis://…`, `rediss://…` or `unix://…`; the address in it is not used if there are Sentinels.
        sentinels: the Sentinels to ask for the address of the server; None without Sentinels.
        timeout: seconds that connecting, and each command, may take; asking the Sentinels may take as long again.
            redis-py would wait for ever and try ten times. The API has to answer within 3 s, so each command is
            tried once. Only a connection that the server closed while it was idle is opened again.
        breaker: to share with other clients; a new one if None.
    """
    options: dict[str, Any] = {
        "decode_responses": True,
        "socket_timeout": timeout,
        "socket_connect_timeout": timeout,
        "socket_keepalive": True,
        "health_check_interval": 15,
        "retry": Retry(NoBackoff(), 0),
    }
    if url.startswith("unix://"):
        del options["socket_keepalive"]  # does not apply to Unix sockets
    client: Client
    if sentinels is None:
        client = _Redis.from_url(url, **options)
    else:
        client = _Redis.from_pool(sentinel_pool(url, sentinels, timeout, **options))
    client.breaker = breaker or Breaker()
    return client


@contextmanager
def _outages(breaker: Breaker) -> Iterator[None]:
    """Translate outages into `StorageUnavailable`.

    Raises:
        StorageUnavailable: the server is unreachable, does not respond, or cannot write.
    """
    breaker.check()
    began = monotonic()
    try:
        yield
    except exceptions.TimeoutError as error:
        breaker.timed_out()
        raise StorageUnavailable from error
    except _OUTAGES as error:
        breaker.failed(monotonic() - began)
        raise StorageUnavailable from error
    except exceptions.ResponseError as error:
        breaker.answered()
        if _CANNOT_WRITE.search(str(error)):
            raise StorageUnavailable from error
        raise
    breaker.answered()


class _Redis(Redis):
    """A client whose commands, pipelines and derived clients share a breaker."""

    breaker: Breaker

    def execute_command(self, *args: Any, **options: Any) -> Any:
        with _outages(self.breaker):
            return super().execute_command(*args, **options)  # type: ignore[no-untyped-call]

    def pipeline(self, transaction: bool = True, shard_hint: Any = None) -> _Pipeline:
        pipeline = _Pipeline(self.connection_pool, self.response_callbacks, transaction, shard_hint)
        pipeline.breaker = self.breaker
        return pipeline

    def client(self) -> _Redis:
        with _outages(self.breaker):  # it connects
            client: _Redis = super().client()  # type: ignore[no-untyped-call]
        client.breaker = self.breaker
        return client


class _Pipeline(Pipeline):
    breaker: Breaker

    def execute(self, raise_on_error: bool = True) -> list[Any]:
        with _outages(self.breaker):
            return super().execute(raise_on_error)


def milliseconds(moment: datetime) -> int:
    """Return a moment as milliseconds since 1970."""
    return round(moment.timestamp() * 1000)


def moment(milliseconds: int | str) -> datetime:
    """Return milliseconds since 1970 as a moment in UTC."""
    return datetime.fromtimestamp(int(milliseconds) / 1000, UTC)
