"""Successful answers with a bad body."""

from __future__ import annotations

import gzip
from itertools import repeat

from harness.zoo.answers import chunk, head
from harness.zoo.behaviour import behaviour
from harness.zoo.connection import Connection
from harness.zoo.expected import delivered, refused

KILOBYTE = 1024
MEGABYTE = 1024 * KILOBYTE
#: 50 MB of zeros in gzip: 50 kB.
BOMB = gzip.compress(bytes(50 * MEGABYTE))


@behaviour(delivered())
def body_of_64_kilobytes(connection: Connection) -> None:
    """Sends as much as is read."""
    connection.send(head("200 OK", f"Content-Length: {64 * KILOBYTE}"), b"x" * 64 * KILOBYTE)


@behaviour(delivered(detail="body_too_large"))
def a_byte_too_many(connection: Connection) -> None:
    """Sends a byte more than is read."""
    connection.send(head("200 OK", f"Content-Length: {64 * KILOBYTE + 1}"), b"x" * (64 * KILOBYTE + 1))


@behaviour(delivered(detail="body_too_large"))
def megabyte(connection: Connection) -> None:
    """Sends a megabyte at once."""
    connection.send(head("200 OK", f"Content-Length: {MEGABYTE}"), b"x" * MEGABYTE)


@behaviour(delivered(detail="body_too_large"))
def body_without_end(connection: Connection) -> None:
    """Sends a body without end, as fast as it can."""
    connection.send(head("200 OK"))
    for piece in repeat(b"x" * 16 * KILOBYTE):
        connection.send(piece)


@behaviour(delivered(detail="body_too_large"))
def chunk_without_end(connection: Connection) -> None:
    """Sends a chunk of a length beyond all bounds, as fast as it can."""
    connection.send(head("200 OK", "Transfer-Encoding: chunked"), b"7fffffffffffffff\r\n")
    for piece in repeat(b"x" * 16 * KILOBYTE):
        connection.send(piece)


@behaviour(refused(500, "body_too_large"))
def failure_without_end(connection: Connection) -> None:
    """Sends a 500 whose body has no end."""
    connection.send(head("500 Internal Server Error"))
    for piece in repeat(b"x" * 16 * KILOBYTE):
        connection.send(piece)


@behaviour(delivered())
def hundred_chunks(connection: Connection) -> None:
    """Sends its body in a hundred chunks."""
    connection.send(head("200 OK", "Transfer-Encoding: chunked"))
    for _ in range(100):
        connection.send(chunk(b"piece by piece "))
    connection.send(chunk(b""))


@behaviour(delivered(detail="body_reset"))
def short_body(connection: Connection) -> None:
    """Promises 100 bytes, sends 10 and ends the connection."""
    connection.send(head("200 OK", "Content-Length: 100"), b"too little")
    connection.close()


@behaviour(delivered(detail="body_reset"))
def reset_in_the_body(connection: Connection) -> None:
    """Resets the connection in the middle of its body."""
    connection.send(head("200 OK", "Content-Length: 100"), b"too little")
    connection.reset()


@behaviour(delivered(detail="body_reset"))
def last_chunk_missing(connection: Connection) -> None:
    """Ends the connection before the last chunk."""
    connection.send(head("200 OK", "Transfer-Encoding: chunked"), chunk(b"too little"))
    connection.close()


@behaviour(delivered(detail="body_reset"))
def no_farewell(connection: Connection) -> None:
    """Ends a body of no stated length without TLS' farewell, as if somebody had cut it off."""
    connection.send(head("200 OK", "Connection: close"), b"perhaps not all")
    connection.drop()


@behaviour(refused(500, "body_reset"))
def short_failure(connection: Connection) -> None:
    """Sends a 500 whose body breaks off."""
    connection.send(head("500 Internal Server Error", "Content-Length: 100"), b"too little")
    connection.close()


@behaviour(delivered(detail="body_malformed"))
def bad_chunks(connection: Connection) -> None:
    """Sends chunks whose length is no number."""
    connection.send(head("200 OK", "Transfer-Encoding: chunked"), b"many\r\nmany\r\n0\r\n\r\n")


@behaviour(delivered(detail="body_malformed"))
def length_of_a_chunk_without_end(connection: Connection) -> None:
    """Sends the length of a chunk, which does not end, as fast as it can."""
    connection.send(head("200 OK", "Transfer-Encoding: chunked"))
    for digits in repeat(b"1" * KILOBYTE):
        connection.send(digits)


@behaviour(delivered())
def gzip_bomb(connection: Connection) -> None:
    """Sends 50 kB in gzip that would become 50 MB, and are left as they are."""
    connection.send(head("200 OK", "Content-Encoding: gzip", f"Content-Length: {len(BOMB)}"), BOMB)


@behaviour(delivered())
def no_gzip(connection: Connection) -> None:
    """Says that its body is in gzip, and it is not."""
    connection.send(head("200 OK", "Content-Encoding: gzip", "Content-Length: 9"), b"not gzip!")


@behaviour(delivered())
def every_byte(connection: Connection) -> None:
    """Sends a body of all bytes there are, which is no text."""
    connection.send(head("200 OK", "Content-Type: text/plain", "Content-Length: 256"), bytes(range(256)))


@behaviour(delivered(detail="body_too_large"))
def trailers_without_end(connection: Connection) -> None:
    """Sends trailers after its body without end, as fast as it can."""
    connection.send(head("200 OK", "Transfer-Encoding: chunked"), chunk(b"ok"), b"0\r\n")
    for lines in repeat(b"X-Endless: and another\r\n" * 100):
        connection.send(lines)
