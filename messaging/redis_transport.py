"""kombu's Redis transport, made to survive malformed elements of a queue, and to put unused messages back.

By default, a malformed element of a queue's list crashes kombu's worker. Here it is counted, and moved to a list
that an operator can examine.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from typing import Any

import structlog
from kombu.transport import TRANSPORT_ALIASES, redis, virtual

from messaging.envelopes import check_element

#: The list of malformed elements, the newest first, and its maximum length.
MALFORMED = "malformed"
KEPT = 100
#: The number of all malformed elements so far.
MALFORMED_COUNT = "malformed:count"

# kombu treats a KeyError as an outage too.
_OUTAGES = tuple({*redis.Transport.connection_errors, *redis.Transport.channel_errors} - {KeyError})

log = structlog.get_logger()


def use_steadfast_transports() -> None:
    """Make kombu use the transports below for all Redis URLs; it has no setting for that."""
    TRANSPORT_ALIASES.update(
        redis=f"{__name__}:Transport",
        rediss=f"{__name__}:Transport",
        sentinel=f"{__name__}:SentinelTransport",
    )


class _Taken(virtual.QoS):
    """The messages that a worker has taken and not begun; they are only in its memory."""

    def restore_unacked(self) -> list[Any]:  # type: ignore[override]  # it says what could not be put back
        """Put them back if possible; the sweep publishes the others. kombu would write them to a file."""
        self._flush()  # type: ignore[attr-defined]
        taken: Any = self._delivered
        try:
            for message in taken.values():
                self.channel._restore(message)
        except _OUTAGES as error:
            log.warning("queue.not_put_back", messages=len(taken), reason=type(error).__name__)
        taken.clear()
        return []


class _ChecksElements:
    """A channel that removes malformed elements before kombu reads them."""

    _steady_client: Any = None

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.QoS = _Taken

    def encode_body(self, body: Any, encoding: str | None = None) -> tuple[Any, str | None]:
        """Return a body as it is written. A body that was plain JSON is put back as plain JSON, not as bytes."""
        body, encoding = super().encode_body(body, encoding)  # type: ignore[misc]
        return (body.decode() if isinstance(body, bytes) else body), encoding

    def ids_in_next(self, queue: str) -> int:
        """Return the number of ids in the next message of a queue; 1 if that is unknown."""
        with self.conn_or_acquire() as client:  # type: ignore[attr-defined]
            element = client.lindex(queue, -1)
        try:
            return len(check_element(element)[0])
        except Exception:  # noqa: BLE001  malformed, or for another task
            return 1

    def _create_client(self, asynchronous: bool = False) -> Any:
        """Return a client that takes elements from queues, or else one that publishes and acknowledges messages.

        kombu makes a client for each message, which takes a quarter of the time of publishing it. Here one is used
        for all, until its connection pool is replaced.
        """
        if asynchronous:
            client = super()._create_client(asynchronous)  # type: ignore[misc]
            client.parse_response = partial(self._parse_response, client.parse_response)
            return client
        if self._steady_client is None or self._steady_client.connection_pool is not self.pool:  # type: ignore[attr-defined]
            self._steady_client = super()._create_client()  # type: ignore[misc]
        return self._steady_client

    def _parse_response(self, parse: Callable[..., Any], connection: Any, command: str, **options: Any) -> Any:
        answer = parse(connection, command, **options)
        if command == "BRPOP" and answer:
            _, element = answer
            try:
                check_element(element)
            except Exception as error:  # noqa: BLE001  a malformed element can cause any error
                self.set_aside(element, error)
                return None  # as from an empty queue
        return answer

    def set_aside(self, element: bytes | str, error: Exception) -> None:
        """Move a malformed element to its list, and count it."""
        with self.conn_or_acquire() as client, client.pipeline() as transaction:  # type: ignore[attr-defined]
            transaction.lpush(MALFORMED, element)
            transaction.ltrim(MALFORMED, 0, KEPT - 1)
            transaction.incr(MALFORMED_COUNT)
            *_, count = transaction.execute()
        log.error("queue.malformed", reason=f"{type(error).__name__}: {error}"[:200], count=count)


class _OutlivesErrors:
    """A transport that removes messages which pass the check, but which Celery cannot handle."""

    def _deliver(self, message: Any, queue: str | None) -> None:
        try:
            super()._deliver(message, queue)  # type: ignore[misc]
        except _OUTAGES:
            raise
        except Exception as error:  # noqa: BLE001  it would crash the worker
            channel = self.channels[0]  # type: ignore[attr-defined]
            channel.set_aside(json.dumps(message, default=str), error)
            channel.basic_ack(message["properties"]["delivery_tag"])


class Channel(_ChecksElements, redis.Channel):  # type: ignore[misc]
    """A channel to one Redis server."""


class SentinelChannel(_ChecksElements, redis.SentinelChannel):  # type: ignore[misc]
    """A channel to the primary that the Sentinels name."""


class Transport(_OutlivesErrors, redis.Transport):
    """The transport to one Redis server."""

    Channel = Channel


class SentinelTransport(_OutlivesErrors, redis.SentinelTransport):
    """The transport to the primary that the Sentinels name."""

    Channel = SentinelChannel
