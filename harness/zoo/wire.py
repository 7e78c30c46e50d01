"""A connection, as a behaviour has it in its hands."""

from __future__ import annotations

import socket
import ssl
import struct
import threading
import time
from contextlib import suppress

from webhooks_local.receiver.calls import Call

#: Seconds from one dripped byte to the next.
DRIP_SECONDS = 0.5
_CLOSE_BY_RESET = struct.pack("ii", 1, 0)


class Wire:
    """A connection from a worker. Every method raises an OSError when it has ended.

    Args:
        connection: as it was accepted.
        tls: what TLS is spoken with.
        closing: set when all is over.

    Attributes:
        requests: how many have been read from it.
        closed: whether a behaviour has ended it.
    """

    def __init__(self, connection: socket.socket, tls: ssl.SSLContext, closing: threading.Event) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.tls = tls
        self.requests = 0
        self.closed = False
        self._socket = connection
        self._closing = closing

    def secure(self) -> None:
        """Do the TLS handshake."""
        self._socket = secured = self.tls.wrap_socket(self._socket, True, do_handshake_on_connect=False)
        secured.do_handshake()

    def ask(self) -> Call:
        """Read a request to its end."""
        received = b""
        while b"\r\n\r\n" not in received:
            received += self.receive()
        head, _, body = received.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        method, path, _ = first.split(" ")
        headers = [(name, value) for name, _, value in (line.partition(": ") for line in lines)]
        length = next((int(value) for name, value in headers if name == "Content-Length"), 0)
        while len(body) < length:
            body += self.receive()
        self.requests += 1
        return Call(path, method, headers, body, time.time())

    def receive(self) -> bytes:
        """Return what has come, at least a byte."""
        if not (received := self._socket.recv(1 << 16)):
            raise ConnectionResetError
        return received

    def send(self, *pieces: bytes) -> None:
        """Send at once."""
        self._socket.sendall(b"".join(pieces))

    def drip(self, data: bytes) -> None:
        """Send a byte now and then."""
        for byte in data:
            self.send(bytes([byte]))
            self.pause(DRIP_SECONDS)

    def pause(self, seconds: float | None = None) -> None:
        """Do nothing for so many seconds; without a number, until all is over."""
        if self._closing.wait(seconds):
            raise ConnectionAbortedError

    def stay_silent(self) -> None:
        """Read whatever comes until the other side hangs up."""
        while True:
            self.receive()

    def close(self) -> None:
        """End it in order, with TLS' farewell."""
        self.closed = True
        if isinstance(self._socket, ssl.SSLSocket):
            with suppress(OSError):  # the other side need not answer it
                self._socket = self._socket.unwrap()
        self._socket.close()

    def drop(self) -> None:
        """End it without a farewell, as when the receiver's program has crashed."""
        self.closed = True
        self._socket.close()

    def reset(self) -> None:
        """End it by a TCP reset."""
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _CLOSE_BY_RESET)
        self.drop()

    def abort(self) -> None:
        """Wake the thread that works on it, from another."""
        with suppress(OSError):  # it may have ended already
            # The plain socket's: the TLS object's own would pull it from under its thread.
            socket.socket.shutdown(self._socket, socket.SHUT_RDWR)
