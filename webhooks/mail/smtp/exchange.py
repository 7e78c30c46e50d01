"""An exchange: smtplib's dialogue with a server, within a deadline."""

from __future__ import annotations

import io
import smtplib
import socket
import ssl
from collections.abc import Callable
from time import monotonic
from typing import Any, NamedTuple

from webhooks.mail.smtp.connecting import CONNECT_TIMEOUT, connect_to


class Timeouts(NamedTuple):
    """The timeouts of an exchange in seconds.

    The message has all the time until the deadline: a server may check for spam before its last answer, and a
    client that does not wait for it sends the e-mail twice.

    Attributes:
        connect: for connecting to one address.
        before_message: for everything before the message.
    """

    connect: float = CONNECT_TIMEOUT
    before_message: float = 60.0


DEFAULT_TIMEOUTS = Timeouts()


class Exchange(smtplib.SMTP):
    """A connection with one deadline for the whole dialogue, and an earlier one for the part before the message.

    smtplib's own timeout starts again with each part that arrives, so a server that sends a byte now and then
    could prolong the dialogue for ever.

    Args:
        name: the client's name in EHLO; smtplib would look up the machine's name, which is slow.
        until: the deadline, by `time.monotonic`.
        tls: the context for TLS from the first byte on; None to begin without TLS.
        timeouts: the timeouts within the deadline.

    Raises:
        OSError: no connection or greeting in time, or a bad greeting.
    """

    def __init__(
        self,
        host: str,
        port: int,
        name: str,
        until: float,
        *,
        tls: ssl.SSLContext | None = None,
        timeouts: Timeouts = DEFAULT_TIMEOUTS,
    ) -> None:
        self._until = until
        self._deadline = min(until, monotonic() + timeouts.before_message)
        self._tls = tls
        self._timeouts = timeouts
        super().__init__(host, port, local_hostname=name)

    def connect(
        self,
        host: str = "localhost",
        port: int = 0,
        source_address: Any = None,  # noqa: ARG002  smtplib's signature
    ) -> tuple[int, bytes]:
        """Connect, and wait for the greeting."""
        self.sock = connect_to(host, port, self._deadline, connect_timeout=self._timeouts.connect)
        if self._tls is not None:
            self.sock.settimeout(self._left())
            self.sock = self._tls.wrap_socket(self.sock, server_hostname=host)
        return self.getreply()

    def send(self, s: Any) -> None:
        """Send data if there is time left."""
        if self.sock is not None:
            self.sock.settimeout(self._left())
        super().send(s)

    def getreply(self) -> tuple[int, bytes]:
        """Wait for an answer while there is time left."""
        if self.sock is not None and self.file is None:
            self.file = io.BufferedReader(_Incoming(self.sock, self._left))
        return super().getreply()

    def docmd(self, cmd: str, args: str = "") -> tuple[int, bytes]:
        """Send a command and wait for its answer; after STARTTLS, the remaining time is for the handshake."""
        answer = super().docmd(cmd, args)
        if self.sock is not None:
            self.sock.settimeout(self._left())
        return answer

    def data(self, msg: Any) -> tuple[int, bytes]:
        """Send the message, and give the server all the remaining time."""
        self._deadline = self._until
        return super().data(msg)

    def _left(self) -> float:
        if (left := self._deadline - monotonic()) <= 0:
            raise smtplib.SMTPServerDisconnected("it is too late")
        return left


class _Incoming(io.RawIOBase):
    """The incoming bytes of a socket; each read waits for as long as the deadline allows."""

    def __init__(self, connection: socket.socket, left: Callable[[], float]) -> None:
        self._connection = connection
        self._left = left

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._connection.settimeout(self._left())
        return self._connection.recv_into(buffer)
