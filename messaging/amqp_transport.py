"""kombu's transport to RabbitMQ, made to wait for no answer without end."""

from __future__ import annotations

from typing import Any

from kombu.transport import pyamqp


class Connection(pyamqp.Connection):
    """A connection on which every wait has an end.

    py-amqp waits without limit for the answers to what opens a channel or declares a queue, and its own
    `read_timeout` does not end that: an unresponsive RabbitMQ would hold a request of the API for ever.
    """

    def blocking_read(self, timeout: float | None = None) -> Any:
        """Read one frame within `timeout` seconds; if none are given, within the connection's `read_timeout`."""
        if timeout is not None:
            return super().blocking_read(timeout)
        try:
            return super().blocking_read(self.read_timeout)
        except TimeoutError:
            self.collect()  # or closing the connection would wait for answers too
            raise


class Transport(pyamqp.Transport):
    """The transport to RabbitMQ, with TLS or without."""

    Connection = Connection
