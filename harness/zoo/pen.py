"""The receiver of a behaviour, at several ports."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Self

from harness.zoo.behaviour import Behaviour, Door
from harness.zoo.wire import Wire
from webhooks_local.receiver.calls import Call

_QUEUE = 1024
_MIN_BUFFER, _SMALL_SEGMENT = 1, 536


class Pen:
    """A receiver that behaves in one way, at several ports. A context manager.

    Args:
        doors: the number of ports, each of which is a destination.
        tls: the TLS context.
        ports: the next ports to try.

    Attributes:
        behaviour: its behaviour.
        connections: the number of connections.
        calls: the requests that were read.
    """

    def __init__(self, behaviour: Behaviour, doors: int, tls: ssl.SSLContext, ports: Iterator[int]) -> None:
        self.connections = 0
        self.calls: list[Call] = []
        self.behaviour = behaviour
        self._tls = tls
        self._ports = ports
        self._closing = threading.Event()
        self._wires: set[Wire] = set()
        self._listeners = [self._listener() for _ in range(doors)]

    def __enter__(self) -> Self:
        if self.behaviour.door is Door.OPEN:
            for listener in self._listeners:
                _in_background(self._accept, listener)
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        for listener in self._listeners:
            with suppress(OSError):  # one that does not listen
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        for wire in list(self._wires):
            wire.abort()

    @property
    def hosts(self) -> list[str]:
        """The host of each port."""
        host = self.behaviour.host
        name = host.name if host else self.behaviour.address
        return [name.format(door=number) for number, _ in enumerate(self._listeners)]

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
        if self.behaviour.door is not Door.SHUT:
            listener.listen(0 if self.behaviour.door is Door.CROWDED else _QUEUE)
        return listener

    def _bind(self, listener: socket.socket) -> None:
        for port in self._ports:
            with suppress(OSError):  # another process has it
                listener.bind((self.behaviour.address, port))
                return
        raise OSError("no port is left")

    def _accept(self, listener: socket.socket) -> None:
        while not self._closing.is_set():
            connection, _ = listener.accept()
            self.connections += 1
            _in_background(self._meet, connection)

    def _meet(self, connection: socket.socket) -> None:
        wire = Wire(connection, self._tls, self._closing)
        self._wires.add(wire)
        try:
            self.behaviour.meet(wire, self.calls.append)
        finally:
            wire.drop()
            self._wires.discard(wire)


def _in_background(work: Callable[[socket.socket], None], connection: socket.socket) -> None:
    def run() -> None:
        with suppress(OSError):  # it has ended
            work(connection)

    threading.Thread(target=run, daemon=True).start()
