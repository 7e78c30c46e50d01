"""The parts of answers."""

from __future__ import annotations


def head(status: str, *headers: str, version: str = "HTTP/1.1") -> bytes:
    """Return a status line and headers, with the empty line that ends them."""
    return "\r\n".join([f"{version} {status}", *headers, "", ""]).encode("latin-1")


def ok(*headers: str) -> bytes:
    """Return a correct answer, with these additional headers."""
    return head("200 OK", "Content-Length: 2", *headers) + b"ok"


def chunk(data: bytes) -> bytes:
    """Return a chunk of a chunked body; the last chunk if there is no data."""
    return b"%x\r\n%b\r\n" % (len(data), data)
