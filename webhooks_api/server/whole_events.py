"""Recognizing requests that need no thread: a single event that has arrived completely."""

from __future__ import annotations

import re
import select
import socket

#: The maximum number of bytes of such a request: as many as gunicorn reads at once, and more than most events
#: have.
MAX_BYTES = 8192

_BEGIN = b"POST /api/events HTTP/1.1\r\n"
#: The header fields that frame the body.
_FRAMING = re.compile(rb"\r\n(content-length|transfer-encoding|expect)[ \t]*:[ \t]*([^\r]*)", re.IGNORECASE)
_LENGTH = re.compile(rb"[0-9]{1,4}")
#: Every batch contains this: the name of the field of events, perhaps with an escaped character. The answer to a
#: batch can be forty times as long as the batch.
_MANY = re.compile(rb'events"|\\u00[67]')


def is_whole_event(connection: socket.socket) -> bool:
    """Report whether a whole request with a single event has arrived, and there is room to send its answer.

    A wrong False costs only time, but a wrong True could block the main thread. The answer to a single event has a
    few thousand bytes at most. The request itself is not checked here.
    """
    try:
        arrived = connection.recv(MAX_BYTES, socket.MSG_PEEK | socket.MSG_DONTWAIT)
    except (OSError, ValueError):  # broken, or TLS
        return False
    head, _, body = arrived.partition(b"\r\n\r\n")
    if not head.startswith(_BEGIN) or len(body) < _length(head) or _MANY.search(body):
        return False
    return _takes_an_answer(connection)


def _length(head: bytes) -> int:
    """Return the length of the body; more than can have arrived if the length is unclear."""
    fields = _FRAMING.findall(head)
    if len(fields) != 1:
        return MAX_BYTES
    name, value = fields[0]
    is_plain = name.lower() == b"content-length" and _LENGTH.fullmatch(value)
    return int(value) if is_plain else MAX_BYTES


def _takes_an_answer(connection: socket.socket) -> bool:
    """Report whether a third of the send buffer is free, as it is unless the caller does not read its answers."""
    poll = select.poll()
    poll.register(connection, select.POLLOUT)
    return bool(poll.poll(0))
