"""Successful answers with a bad body."""

from __future__ import annotations

import gzip
from itertools import repeat

from harness.zoo.answers import chunk, head
from harness.zoo.behaviour import behaviour
from harness.zoo.expected import delivered, refused
from harness.zoo.wire import Wire

KILOBYTE = 1024
MEGABYTE = 1024 * KILOBYTE
#: 50 MB of zeros in gzip: 50 kB.
BOMB = gzip.compress(bytes(50 * MEGABYTE))


@behaviour(delivered())
def body_of_64_kilobytes(wire: Wire) -> None:
    """Sends as much as is read."""
    wire.send(head("200 OK", f"Content-Length: {64 * KILOBYTE}"), b"x" * 64 * KILOBYTE)


@behaviour(delivered(detail="body_too_large"))
def a_byte_too_many(wire: Wire) -> None:
    """Sends a byte more than is read."""
    wire.send(head("200 OK", f"Content-Length: {64 * KILOBYTE + 1}"), b"x" * (64 * KILOBYTE + 1))


@behaviour(delivered(detail="body_too_large"))
def megabyte(wire: Wire) -> None:
    """Sends a megabyte at once."""
    wire.send(head("200 OK", f"Content-Length: {MEGABYTE}"), b"x" * MEGABYTE)


@behaviour(delivered(detail="body_too_large"))
def body_without_end(wire: Wire) -> None:
    """Sends a body without end, as fast as it can."""
    wire.send(head("200 OK"))
    for piece in repeat(b"x" * 16 * KILOBYTE):
        wire.send(piece)


@behaviour(delivered(detail="body_too_large"))
def chunk_without_end(wire: Wire) -> None:
    """Sends a chunk of a length beyond all bounds, as fast as it can."""
    wire.send(head("200 OK", "Transfer-Encoding: chunked"), b"7fffffffffffffff\r\n")
    for piece in repeat(b"x" * 16 * KILOBYTE):
        wire.send(piece)


@behaviour(refused(500, "body_too_large"))
def failure_without_end(wire: Wire) -> None:
    """Sends a 500 whose body has no end."""
    wire.send(head("500 Internal Server Error"))
    for piece in repeat(b"x" * 16 * KILOBYTE):
        wire.send(piece)


@behaviour(delivered())
def hundred_chunks(wire: Wire) -> None:
    """Sends its body in a hundred chunks."""
    wire.send(head("200 OK", "Transfer-Encoding: chunked"))
    for _ in range(100):
        wire.send(chunk(b"piece by piece "))
    wire.send(chunk(b""))


@behaviour(delivered(detail="body_reset"))
def short_body(wire: Wire) -> None:
    """Promises 100 bytes, sends 10 and ends the connection."""
    wire.send(head("200 OK", "Content-Length: 100"), b"too little")
    wire.close()


@behaviour(delivered(detail="body_reset"))
def reset_in_the_body(wire: Wire) -> None:
    """Resets the connection in the middle of its body."""
    wire.send(head("200 OK", "Content-Length: 100"), b"too little")
    wire.reset()


@behaviour(delivered(detail="body_reset"))
def last_chunk_missing(wire: Wire) -> None:
    """Ends the connection before the last chunk."""
    wire.send(head("200 OK", "Transfer-Encoding: chunked"), chunk(b"too little"))
    wire.close()


@behaviour(delivered(detail="body_reset"))
def no_farewell(wire: Wire) -> None:
    """Ends a body of no stated length without TLS' farewell, as if somebody had cut it off."""
    wire.send(head("200 OK", "Connection: close"), b"perhaps not all")
    wire.drop()


@behaviour(refused(500, "body_reset"))
def short_failure(wire: Wire) -> None:
    """Sends a 500 whose body breaks off."""
    wire.send(head("500 Internal Server Error", "Content-Length: 100"), b"too little")
    wire.close()


@behaviour(delivered(detail="body_malformed"))
def bad_chunks(wire: Wire) -> None:
    """Sends chunks whose length is no number."""
    wire.send(head("200 OK", "Transfer-Encoding: chunked"), b"many\r\nmany\r\n0\r\n\r\n")


@behaviour(delivered(detail="body_malformed"))
def length_of_a_chunk_without_end(wire: Wire) -> None:
    """Sends the length of a chunk, which does not end, as fast as it can."""
    wire.send(head("200 OK", "Transfer-Encoding: chunked"))
    for digits in repeat(b"1" * KILOBYTE):
        wire.send(digits)


@behaviour(delivered())
def gzip_bomb(wire: Wire) -> None:
    """Sends 50 kB in gzip that would become 50 MB, and are left as they are."""
    wire.send(head("200 OK", "Content-Encoding: gzip", f"Content-Length: {len(BOMB)}"), BOMB)


@behaviour(delivered())
def no_gzip(wire: Wire) -> None:
    """Says that its body is in gzip, and it is not."""
    wire.send(head("200 OK", "Content-Encoding: gzip", "Content-Length: 9"), b"not gzip!")


@behaviour(delivered())
def every_byte(wire: Wire) -> None:
    """Sends a body of all bytes there are, which is no text."""
    wire.send(head("200 OK", "Content-Type: text/plain", "Content-Length: 256"), bytes(range(256)))


@behaviour(delivered(detail="body_too_large"))
def trailers_without_end(wire: Wire) -> None:
    """Sends trailers after its body without end, as fast as it can."""
    wire.send(head("200 OK", "Transfer-Encoding: chunked"), chunk(b"ok"), b"0\r\n")
    for lines in repeat(b"X-Endless: and another\r\n" * 100):
        wire.send(lines)
