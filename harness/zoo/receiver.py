"""The receiver of a behaviour, at several ports."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Self

from harness.zoo.behaviour import Behaviour, Listening
from harness.zoo.connection import Connection
from webhooks_local.receiver.calls import Call

_QUEUE = 1024
_MIN_BUFFER, _SMALL_SEGMENT = 1, 536


class Receiver:
    """A receiver that behaves in one way, at several ports. A context manager.

    Args:
        count: the number of ports, each of which is a destination.
        tls: the TLS context.
        ports: the next ports to try.

    Attributes:
        behaviour: its behaviour.
        connections: the number of connections.
        calls: the requests that were read.
    """

    def __init__(self, behaviour: Behaviour, count: int, tls: ssl.SSLContext, ports: Iterator[int]) -> None:
        self.connections = 0
        self.calls: list[Call] = []
        self.behaviour = behaviour
        self._tls = tls
        self._ports = ports
        self._closing = threading.Event()
        self._open: set[Connection] = set()
        self._listeners = [self._listener() for _ in range(count)]

    def __enter__(self) -> Self:
        if self.behaviour.listening is Listening.OPEN:
            for listener in self._listeners:
                _in_background(self._accept, listener)
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        for listener in self._listeners:
            with suppress(OSError):  # one that does not listen
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        for connection in list(self._open):
            connection.abort()

    @property
    def hosts(self) -> list[str]:
        """The host of each port."""
        host = self.behaviour.host
        name = host.name if host else self.behaviour.address
        return [name.format(port=number) for number, _ in enumerate(self._listeners)]

    @property
    def urls(self) -> list[str]:
        """The URL of each port."""
        ports = [listener.getsockname()[1] for listener in self._listeners]
        path = self.behaviour.name
        return [f"https://{host}:{port}/{path}" for host, port in zip(self.hosts, ports, strict=True)]

    def _listener(self) -> socket.socket:
        listener = socket.socket()
        if self.behaviour.padding:  # so that buffers hold less of it
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _MIN_BUFFER)
            listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, _SMALL_SEGMENT)
        self._bind(listener)
        if self.behaviour.listening is not Listening.SHUT:
            listener.listen(0 if self.behaviour.listening is Listening.CROWDED else _QUEUE)
        return listener

    def _bind(self, listener: socket.socket) -> None:
        for port in self._ports:
            with suppress(OSError):  # another process has it
                listener.bind((self.behaviour.address, port))
                return
        raise OSError("no port is left")

    def _accept(self, listener: socket.socket) -> None:
        while not self._closing.is_set():
            sock, _ = listener.accept()
            self.connections += 1
            _in_background(self._meet, sock)

    def _meet(self, sock: socket.socket) -> None:
        connection = Connection(sock, self._tls, self._closing)
        self._open.add(connection)
        try:
            self.behaviour.meet(connection, self.calls.append)
        finally:
            connection.drop()
            self._open.discard(connection)


def _in_background(work: Callable[[socket.socket], None], sock: socket.socket) -> None:
    def run() -> None:
        with suppress(OSError):  # it has ended
            work(sock)

    threading.Thread(target=run, daemon=True).start()
