"""A connection from a worker, as behaviours use it."""

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


class Connection:
    """A connection from a worker. Every method raises an OSError if it has ended.

    Args:
        sock: the accepted socket.
        tls: the TLS context.
        closing: set at the end of the trial.

    Attributes:
        requests: the number of requests that have been read from it.
        closed: whether a behaviour has closed it.
    """

    def __init__(self, sock: socket.socket, tls: ssl.SSLContext, closing: threading.Event) -> None:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.tls = tls
        self.requests = 0
        self.closed = False
        self._socket = sock
        self._closing = closing

    def secure(self) -> None:
        """Do the TLS handshake."""
        self._socket = secured = self.tls.wrap_socket(self._socket, True, do_handshake_on_connect=False)
        secured.do_handshake()

    def ask(self) -> Call:
        """Read a complete request."""
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
        """Return the received bytes, at least one."""
        if not (received := self._socket.recv(1 << 16)):
            raise ConnectionResetError
        return received

    def send(self, *pieces: bytes) -> None:
        """Send at once."""
        self._socket.sendall(b"".join(pieces))

    def drip(self, data: bytes) -> None:
        """Send one byte after another, with pauses."""
        for byte in data:
            self.send(bytes([byte]))
            self.pause(DRIP_SECONDS)

    def pause(self, seconds: float | None = None) -> None:
        """Wait this many seconds; without a number, until the end of the trial."""
        if self._closing.wait(seconds):
            raise ConnectionAbortedError

    def stay_silent(self) -> None:
        """Read and ignore everything until the caller hangs up."""
        while True:
            self.receive()

    def close(self) -> None:
        """Close it in an orderly way, with TLS's close_notify."""
        self.closed = True
        if isinstance(self._socket, ssl.SSLSocket):
            with suppress(OSError):  # the caller need not answer it
                self._socket = self._socket.unwrap()
        self._socket.close()

    def drop(self) -> None:
        """Close it without close_notify, as when the receiver's program has crashed."""
        self.closed = True
        self._socket.close()

    def reset(self) -> None:
        """Reset it."""
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _CLOSE_BY_RESET)
        self.drop()

    def abort(self) -> None:
        """Wake up the thread that uses it, from another thread."""
        with suppress(OSError):  # it may have ended already
            # The plain socket: the TLS object would be closed while its thread uses it.
            socket.socket.shutdown(self._socket, socket.SHUT_RDWR)
