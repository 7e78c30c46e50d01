"""The pieces that answers are made of."""

from __future__ import annotations


def head(status: str, *headers: str, version: str = "HTTP/1.1") -> bytes:
    """Return a status line and headers, with the empty line that ends them."""
    return "\r\n".join([f"{version} {status}", *headers, "", ""]).encode("latin-1")


def ok(*headers: str) -> bytes:
    """Return a whole answer with which nothing is wrong, but perhaps these headers."""
    return head("200 OK", "Content-Length: 2", *headers) + b"ok"


def chunk(data: bytes) -> bytes:
    """Return a piece of a chunked body; of no data, its end."""
    return b"%x\r\n%b\r\n" % (len(data), data)
