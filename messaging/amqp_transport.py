"""kombu's transport to RabbitMQ, with a timeout for every answer."""

from __future__ import annotations

from typing import Any

from kombu.transport import pyamqp


class Connection(pyamqp.Connection):
    """A connection on which every wait has a timeout.

    py-amqp waits without a limit for the answers when it opens a channel or declares a queue, whatever its
    `read_timeout`: an unresponsive RabbitMQ would block a request of the API for ever.
    """

    def blocking_read(self, timeout: float | None = None) -> Any:
        """Read one frame within `timeout` seconds, or within the connection's `read_timeout` if it is None."""
        if timeout is not None:
            return super().blocking_read(timeout)
        try:
            return super().blocking_read(self.read_timeout)
        except TimeoutError:
            self.collect()  # otherwise closing the connection would wait for answers too
            raise


class Transport(pyamqp.Transport):
    """The transport to RabbitMQ, with TLS or without."""

    Connection = Connection
