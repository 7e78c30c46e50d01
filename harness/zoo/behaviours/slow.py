"""Receivers that are slow, each at another step of the exchange."""

from __future__ import annotations

import ssl
from contextlib import suppress
from itertools import repeat

from harness.zoo.answers import chunk, head
from harness.zoo.behaviour import Door, Stage, behaviour
from harness.zoo.expected import delivered, timed_out
from harness.zoo.wire import DRIP_SECONDS, Wire


@behaviour(timed_out(requests=0), door=Door.CROWDED)
def does_not_accept(_: Wire) -> None:
    """Takes no connection: whoever comes has to queue."""


@behaviour(timed_out(requests=0), stage=Stage.ACCEPTED)
def silent_from_the_start(wire: Wire) -> None:
    """Accepts the connection and says nothing, not even TLS."""
    wire.stay_silent()


@behaviour(timed_out(requests=0), stage=Stage.ACCEPTED)
def drips_the_handshake(wire: Wire) -> None:
    """Sends its part of the TLS handshake byte by byte."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = wire.tls.wrap_bio(incoming, outgoing, server_side=True)
    incoming.write(wire.receive())
    with suppress(ssl.SSLWantReadError):
        tls.do_handshake()
    wire.drip(outgoing.read())


@behaviour(timed_out(requests=0), stage=Stage.SECURED, padding=100_000)
def never_reads(wire: Wire) -> None:
    """Does not read the request, which is too large to be sent all the same."""
    wire.pause()


@behaviour(timed_out())
def silent_when_asked(wire: Wire) -> None:
    """Reads the request and does not answer."""
    wire.stay_silent()


@behaviour(timed_out())
def drips_the_status_line(wire: Wire) -> None:
    """Sends the status line byte by byte."""
    wire.drip(head(f"200 {'O' * 100}K"))


@behaviour(timed_out())
def drips_headers(wire: Wire) -> None:
    """Sends a header now and then, without end."""
    wire.send(b"HTTP/1.1 200 OK\r\n")
    for line in repeat(b"X-Drip: drip\r\n"):
        wire.send(line)
        wire.pause(DRIP_SECONDS)


@behaviour(timed_out())
def continues_for_ever(wire: Wire) -> None:
    """Sends 100 Continue now and then, without end."""
    for interim in repeat(head("100 Continue")):
        wire.send(interim)
        wire.pause(DRIP_SECONDS)


@behaviour(timed_out())
def hints_for_ever(wire: Wire) -> None:
    """Sends 103 Early Hints now and then, without end."""
    for interim in repeat(head("103 Early Hints", "Link: </style.css>; rel=preload")):
        wire.send(interim)
        wire.pause(DRIP_SECONDS)


@behaviour(delivered(detail="body_timeout", waits=True))
def drips_the_body(wire: Wire) -> None:
    """Sends a 200, and its body byte by byte."""
    wire.send(head("200 OK", "Content-Length: 1000"))
    wire.drip(bytes(1000))


@behaviour(delivered(detail="body_timeout", waits=True))
def stops_in_the_body(wire: Wire) -> None:
    """Sends a 200 and half of its body, and then nothing."""
    wire.send(head("200 OK", "Content-Length: 1000"), bytes(500))
    wire.stay_silent()


@behaviour(delivered(detail="body_timeout", waits=True))
def never_closes(wire: Wire) -> None:
    """Sends a 200 whose body ends with the connection, and does not end it."""
    wire.send(head("200 OK", "Connection: close"), b"ok")
    wire.stay_silent()


@behaviour(delivered(detail="body_timeout", waits=True))
def drips_chunks(wire: Wire) -> None:
    """Sends a 200, and a chunk of its body now and then, without end."""
    wire.send(head("200 OK", "Transfer-Encoding: chunked"))
    for piece in repeat(chunk(b"drip")):
        wire.send(piece)
        wire.pause(DRIP_SECONDS)


@behaviour(delivered(detail="body_timeout", waits=True))
def drips_trailers(wire: Wire) -> None:
    """Sends a 200 and its body, and then a trailer now and then, without end."""
    wire.send(head("200 OK", "Transfer-Encoding: chunked"), chunk(b"ok"), b"0\r\n")
    for line in repeat(b"X-Drip: drip\r\n"):
        wire.send(line)
        wire.pause(DRIP_SECONDS)


@behaviour(timed_out())
def fails_and_stops(wire: Wire) -> None:
    """Sends a 500 and half of its body, and then nothing."""
    wire.send(head("500 Internal Server Error", "Content-Length: 1000"), bytes(500))
    wire.stay_silent()
