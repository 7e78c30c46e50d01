"""A program that accepts TLS and forwards its content, for servers that are built without TLS.

Its one argument is a JSON array with an object for each relay:

    port, target     its port, and the port of the server; both on 127.0.0.1
    certificate      PEM file of its private key and chain
    authority        PEM file; with it clients need a certificate that is signed by this CA
    plain_from       an address; connections from there have no TLS, and are forwarded unchanged
"""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
import sys
from contextlib import suppress
from typing import Any


class Relay:
    """One of the relays."""

    def __init__(self, options: dict[str, Any]) -> None:
        self._target = options["target"]
        self._plain_from = options.get("plain_from")
        self._listener = socket.create_server(("127.0.0.1", options["port"]))
        self._listener.setblocking(False)
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(options["certificate"])
        if "authority" in options:
            self._context.load_verify_locations(options["authority"])
            self._context.verify_mode = ssl.CERT_REQUIRED

    async def serve(self) -> None:
        """Serve until the process is stopped."""
        loop, tasks = asyncio.get_running_loop(), set[asyncio.Task[None]]()
        while True:
            connection, address = await loop.sock_accept(self._listener)
            tls = None if address[0] == self._plain_from else self._context
            task = asyncio.create_task(self._pass_on(connection, tls))
            tasks.add(task)
            task.add_done_callback(tasks.discard)

    async def _pass_on(self, connection: socket.socket, tls: ssl.SSLContext | None) -> None:
        loop, reader = asyncio.get_running_loop(), asyncio.StreamReader()
        with suppress(OSError):  # a failed handshake, or an early end
            transport, protocol = await loop.connect_accepted_socket(
                lambda: asyncio.StreamReaderProtocol(reader), connection, ssl=tls
            )
            writer = asyncio.StreamWriter(transport, protocol, reader, loop)
            to_reader, to_writer = await asyncio.open_connection("127.0.0.1", self._target)
            await asyncio.gather(_pump(reader, to_writer), _pump(to_reader, writer))


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while content := await reader.read(65_536):
            writer.write(content)
            await writer.drain()
    finally:
        writer.close()


async def serve(relays: list[dict[str, Any]]) -> None:
    """Serve all of them until the process is stopped."""
    await asyncio.gather(*(Relay(options).serve() for options in relays))


if __name__ == "__main__":
    asyncio.run(serve(json.loads(sys.argv[1])))
