"""Answers that are malformed before their body."""

from __future__ import annotations

from itertools import repeat

from harness.zoo.answers import chunk, head, ok
from harness.zoo.behaviour import behaviour
from harness.zoo.connection import Connection
from harness.zoo.expected import delivered, failed


@behaviour(failed("too_large"))
def many_headers(connection: Connection) -> None:
    """Sends 40 kB of headers, and then its answer."""
    connection.send(ok(*repeat(f"X-Padding: {'x' * 100}", 360)))


@behaviour(failed("too_large"))
def headers_without_end(connection: Connection) -> None:
    """Sends headers without end, as fast as it can."""
    connection.send(b"HTTP/1.1 200 OK\r\n")
    for lines in repeat(b"X-Endless: and another\r\n" * 100):
        connection.send(lines)


@behaviour(failed("too_large"))
def header_without_end(connection: Connection) -> None:
    """Sends one header without end, as fast as it can."""
    connection.send(b"HTTP/1.1 200 OK\r\nX-Endless: ")
    for piece in repeat(b"on and on " * 100):
        connection.send(piece)


@behaviour(failed("too_large"))
def hints_without_end(connection: Connection) -> None:
    """Sends 103 Early Hints without end, as fast as it can."""
    for interim in repeat(head("103 Early Hints") * 100):
        connection.send(interim)


@behaviour(failed("protocol"))
def nonsense(connection: Connection) -> None:
    """Answers with what is not HTTP."""
    connection.send(b"\x00\x01\x02\x03 what did you say?\r\n\r\n")
    connection.close()


@behaviour(failed("protocol"))
def http_0_9(connection: Connection) -> None:
    """Answers as in HTTP/0.9: a body and nothing before it."""
    connection.send(b"<html>ok</html>")
    connection.close()


@behaviour(delivered())
def http_1_0(connection: Connection) -> None:
    """Answers in HTTP/1.0, and ends the connection after its body."""
    connection.send(head("200 OK", version="HTTP/1.0"), b"ok")
    connection.close()


@behaviour(failed("protocol"))
def http_of_the_future(connection: Connection) -> None:
    """Answers in HTTP/7.3."""
    connection.send(head("200 OK", "Content-Length: 0", version="HTTP/7.3"))


@behaviour(failed("protocol"))
def negative_length(connection: Connection) -> None:
    """Answers that its body has -5 bytes."""
    connection.send(head("200 OK", "Content-Length: -5"), b"ok")


@behaviour(delivered(detail="body_timeout", waits=True))
def length_beyond_numbers(connection: Connection) -> None:
    """Answers that its body has ten to the thirtieth bytes, and sends two."""
    connection.send(head("200 OK", f"Content-Length: 1{'0' * 30}"), b"ok")


@behaviour(failed("protocol"))
def two_lengths(connection: Connection) -> None:
    """Answers with two lengths, of which one must be wrong."""
    connection.send(head("200 OK", "Content-Length: 2", "Content-Length: 200"), b"ok")


@behaviour(delivered())
def length_and_chunks(connection: Connection) -> None:
    """Answers with a length, and in chunks, which is to count."""
    connection.send(
        head("200 OK", "Content-Length: 2", "Transfer-Encoding: chunked"), chunk(b"chunks"), chunk(b"")
    )


@behaviour(failed("protocol"))
def unknown_transfer(connection: Connection) -> None:
    """Answers with a Transfer-Encoding that nobody knows."""
    connection.send(head("200 OK", "Transfer-Encoding: pigeon"), b"coo")


@behaviour(failed("protocol"))
def nul_in_a_header(connection: Connection) -> None:
    """Answers with a NUL in a header."""
    connection.send(ok("X-Nul: a\x00b"))


@behaviour(delivered())
def folded_header(connection: Connection) -> None:
    """Answers with a header on two lines, as was allowed once."""
    connection.send(ok("X-Folded: one\r\n two"))


@behaviour(failed("protocol"))
def header_without_a_colon(connection: Connection) -> None:
    """Answers with a line among the headers that is none."""
    connection.send(ok("this is no header"))


@behaviour(delivered())
def bare_line_feeds(connection: Connection) -> None:
    """Ends its lines as Unix does."""
    connection.send(b"HTTP/1.1 200 OK\nContent-Length: 2\n\nok")
