"""Recognizing requests that need no thread: a single event that has arrived completely."""

from __future__ import annotations

import re
import select
import socket

#: Bytes of such a request at most: what gunicorn reads at once, and more than most events have.
MAX_BYTES = 8192

_BEGIN = b"POST /api/events HTTP/1.1\r\n"
#: Header fields that say how the body is framed.
_FRAMING = re.compile(rb"\r\n(content-length|transfer-encoding|expect)[ \t]*:[ \t]*([^\r]*)", re.IGNORECASE)
_LENGTH = re.compile(rb"[0-9]{1,4}")
#: What every body with many events contains: the name of their field, perhaps with an escaped character. The
#: answer to many can be forty times as long as they are.
_MANY = re.compile(rb'events"|\\u00[67]')


def is_whole_event(connection: socket.socket) -> bool:
    """Report whether a complete request with a single event waits in a connection that has room for its answer.

    What it is answered is for others to judge. Here False costs time only, but True must not make anybody wait:
    the answer to a single event has a few thousand bytes at most.
    """
    try:
        arrived = connection.recv(MAX_BYTES, socket.MSG_PEEK | socket.MSG_DONTWAIT)
    except (OSError, ValueError):  # it broke, or speaks TLS
        return False
    head, _, body = arrived.partition(b"\r\n\r\n")
    if not head.startswith(_BEGIN) or len(body) < _length(head) or _MANY.search(body):
        return False
    return _takes_an_answer(connection)


def _length(head: bytes) -> int:
    """Return how many bytes the body has; more than can have arrived where that is not plain."""
    fields = _FRAMING.findall(head)
    if len(fields) != 1:
        return MAX_BYTES
    name, value = fields[0]
    is_plain = name.lower() == b"content-length" and _LENGTH.fullmatch(value)
    return int(value) if is_plain else MAX_BYTES


def _takes_an_answer(connection: socket.socket) -> bool:
    """Report whether a third of the send buffer is free: it is not while the caller does not read its answers."""
    poll = select.poll()
    poll.register(connection, select.POLLOUT)
    return bool(poll.poll(0))
