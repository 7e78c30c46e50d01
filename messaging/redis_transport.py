"""kombu's Redis transport, made to live with elements of a queue that are no messages, and to put messages back.

Left to itself, kombu ends the worker when it takes an element out of a queue's list that is not a message as kombu
writes them. Here a malformed element is set aside for an operator to examine, and counted.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from typing import Any

import structlog
from kombu.transport import TRANSPORT_ALIASES, redis, virtual

from messaging.envelopes import check_element

#: The list that keeps what was set aside, the newest first, and how many it keeps.
MALFORMED = "malformed"
KEPT = 100
#: How many were ever set aside.
MALFORMED_COUNT = "malformed:count"

# kombu takes a KeyError for an outage too.
_OUTAGES = tuple({*redis.Transport.connection_errors, *redis.Transport.channel_errors} - {KeyError})

log = structlog.get_logger()


def use_steadfast_transports() -> None:
    """Make kombu use the transports below for its Redis URLs; it has no other way to say so for every scheme."""
    TRANSPORT_ALIASES.update(
        redis=f"{__name__}:Transport",
        rediss=f"{__name__}:Transport",
        sentinel=f"{__name__}:SentinelTransport",
    )


class _Taken(virtual.QoS):
    """The messages that a worker has taken and not begun, in its memory."""

    def restore_unacked(self) -> list[Any]:  # type: ignore[override]  # it says what could not be put back
        """Put them back, as far as it goes: the sweep publishes the others. kombu would write a file of them."""
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
    """A channel that sets aside what is no message, before kombu reads it."""

    _steady_client: Any = None

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.QoS = _Taken

    def encode_body(self, body: Any, encoding: str | None = None) -> tuple[Any, str | None]:
        """Return a body as it is written. One that came as plain JSON is put back as that, not as bytes."""
        body, encoding = super().encode_body(body, encoding)  # type: ignore[misc]
        return (body.decode() if isinstance(body, bytes) else body), encoding

    def ids_in_next(self, queue: str) -> int:
        """Return how many ids there are in the message that is taken next from a queue; 1 if that is unknown."""
        with self.conn_or_acquire() as client:  # type: ignore[attr-defined]
            element = client.lindex(queue, -1)
        try:
            return len(check_element(element)[0])
        except Exception:  # noqa: BLE001  no message, or of another task
            return 1

    def _create_client(self, asynchronous: bool = False) -> Any:
        """Return a client: one that takes elements out of queues, or else one that puts and acknowledges messages.

        kombu makes one of these for each message, which takes a quarter of the time of putting it there. One
        serves as well, until the pool of its connections is another.
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
            except Exception as error:  # noqa: BLE001  there is no end to what can be wrong with it
                self.set_aside(element, error)
                return None  # as if the queue had been empty
        return answer

    def set_aside(self, element: bytes | str, error: Exception) -> None:
        """Keep an element of a queue that is no message, and count it."""
        with self.conn_or_acquire() as client, client.pipeline() as transaction:  # type: ignore[attr-defined]
            transaction.lpush(MALFORMED, element)
            transaction.ltrim(MALFORMED, 0, KEPT - 1)
            transaction.incr(MALFORMED_COUNT)
            *_, count = transaction.execute()
        log.error("queue.malformed", reason=f"{type(error).__name__}: {error}"[:200], count=count)


class _OutlivesErrors:
    """A transport that sets aside what Celery cannot take in spite of the check."""

    def _deliver(self, message: Any, queue: str | None) -> None:
        try:
            super()._deliver(message, queue)  # type: ignore[misc]
        except _OUTAGES:
            raise
        except Exception as error:  # noqa: BLE001  left to itself, it would end the worker
            channel = self.channels[0]  # type: ignore[attr-defined]
            channel.set_aside(json.dumps(message, default=str), error)
            channel.basic_ack(message["properties"]["delivery_tag"])


class Channel(_ChecksElements, redis.Channel):  # type: ignore[misc]
    """A channel to one Redis server."""


class SentinelChannel(_ChecksElements, redis.SentinelChannel):  # type: ignore[misc]
    """A channel to the server that the Sentinels name."""


class Transport(_OutlivesErrors, redis.Transport):
    """The transport to one Redis server."""

    Channel = Channel


class SentinelTransport(_OutlivesErrors, redis.SentinelTransport):
    """The transport to the server that the Sentinels name."""

    Channel = SentinelChannel
