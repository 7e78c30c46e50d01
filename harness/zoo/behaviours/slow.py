"""Receivers that are slow, each at another step of the exchange."""

from __future__ import annotations

import ssl
from contextlib import suppress
from itertools import repeat

from harness.zoo.answers import chunk, head
from harness.zoo.behaviour import Listening, Stage, behaviour
from harness.zoo.connection import DRIP_SECONDS, Connection
from harness.zoo.expected import delivered, timed_out


@behaviour(timed_out(requests=0), listening=Listening.CROWDED)
def does_not_accept(_: Connection) -> None:
    """Takes no connection: whoever comes has to queue."""


@behaviour(timed_out(requests=0), stage=Stage.ACCEPTED)
def silent_from_the_start(connection: Connection) -> None:
    """Accepts the connection and says nothing, not even TLS."""
    connection.stay_silent()


@behaviour(timed_out(requests=0), stage=Stage.ACCEPTED)
def drips_the_handshake(connection: Connection) -> None:
    """Sends its part of the TLS handshake byte by byte."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = connection.tls.wrap_bio(incoming, outgoing, server_side=True)
    incoming.write(connection.receive())
    with suppress(ssl.SSLWantReadError):
        tls.do_handshake()
    connection.drip(outgoing.read())


@behaviour(timed_out(requests=0), stage=Stage.SECURED, padding=100_000)
def never_reads(connection: Connection) -> None:
    """Does not read the request, which is too large to be sent all the same."""
    connection.pause()


@behaviour(timed_out())
def silent_when_asked(connection: Connection) -> None:
    """Reads the request and does not answer."""
    connection.stay_silent()


@behaviour(timed_out())
def drips_the_status_line(connection: Connection) -> None:
    """Sends the status line byte by byte."""
    connection.drip(head(f"200 {'O' * 100}K"))


@behaviour(timed_out())
def drips_headers(connection: Connection) -> None:
    """Sends a header now and then, without end."""
    connection.send(b"HTTP/1.1 200 OK\r\n")
    for line in repeat(b"X-Drip: drip\r\n"):
        connection.send(line)
        connection.pause(DRIP_SECONDS)


@behaviour(timed_out())
def continues_for_ever(connection: Connection) -> None:
    """Sends 100 Continue now and then, without end."""
    for interim in repeat(head("100 Continue")):
        connection.send(interim)
        connection.pause(DRIP_SECONDS)


@behaviour(timed_out())
def hints_for_ever(connection: Connection) -> None:
    """Sends 103 Early Hints now and then, without end."""
    for interim in repeat(head("103 Early Hints", "Link: </style.css>; rel=preload")):
        connection.send(interim)
        connection.pause(DRIP_SECONDS)


@behaviour(delivered(detail="body_timeout", waits=True))
def drips_the_body(connection: Connection) -> None:
    """Sends a 200, and its body byte by byte."""
    connection.send(head("200 OK", "Content-Length: 1000"))
    connection.drip(bytes(1000))


@behaviour(delivered(detail="body_timeout", waits=True))
def stops_in_the_body(connection: Connection) -> None:
    """Sends a 200 and half of its body, and then nothing."""
    connection.send(head("200 OK", "Content-Length: 1000"), bytes(500))
    connection.stay_silent()


@behaviour(delivered(detail="body_timeout", waits=True))
def never_closes(connection: Connection) -> None:
    """Sends a 200 whose body ends with the connection, and does not end it."""
    connection.send(head("200 OK", "Connection: close"), b"ok")
    connection.stay_silent()


@behaviour(delivered(detail="body_timeout", waits=True))
def drips_chunks(connection: Connection) -> None:
    """Sends a 200, and a chunk of its body now and then, without end."""
    connection.send(head("200 OK", "Transfer-Encoding: chunked"))
    for piece in repeat(chunk(b"drip")):
        connection.send(piece)
        connection.pause(DRIP_SECONDS)


@behaviour(delivered(detail="body_timeout", waits=True))
def drips_trailers(connection: Connection) -> None:
    """Sends a 200 and its body, and then a trailer now and then, without end."""
    connection.send(head("200 OK", "Transfer-Encoding: chunked"), chunk(b"ok"), b"0\r\n")
    for line in repeat(b"X-Drip: drip\r\n"):
        connection.send(line)
        connection.pause(DRIP_SECONDS)


@behaviour(timed_out())
def fails_and_stops(connection: Connection) -> None:
    """Sends a 500 and half of its body, and then nothing."""
    connection.send(head("500 Internal Server Error", "Content-Length: 1000"), bytes(500))
    connection.stay_silent()
