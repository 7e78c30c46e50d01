"""The replies of a receiver: chosen by the first segment of a path, as a value, and then sent."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from http.server import BaseHTTPRequestHandler
from threading import Event


class Manner(StrEnum):
    """What a receiver does instead of answering."""

    HANG = "hang"
    """It never answers."""
    DRIP = "drip"
    """It sends a header line each second, and never ends the headers."""
    CLOSE = "close"
    """It closes the connection without an answer."""


@dataclass(frozen=True)
class Reply:
    """The reply to a call.

    Attributes:
        answer: the status, or what happens instead.
        location: the target of a redirect.
    """

    answer: int | Manner
    location: str | None = None


def by_path(path: str, count: int) -> Reply | None:
    """Return the reply that the path of a call asks for; None if its first segment names no behaviour.

    Args:
        path: with or without a query.
        count: the number of calls to this path, including this one.
    """
    behaviour, *segments = path.partition("?")[0].lstrip("/").split("/")
    decide = BEHAVIOURS.get(behaviour)
    return None if decide is None else decide(segments, count)


def _status(segments: list[str], _: int) -> Reply:
    """`/status/<code>/…`: that status."""
    code = segments[0] if segments else ""
    return Reply(int(code) if code.isdecimal() and 200 <= int(code) <= 599 else 404)


def _fail(segments: list[str], count: int) -> Reply:
    """`/fail/<n>/…`: 500 for the first n calls of the path, then 200."""
    failures = segments[0] if segments else ""
    return Reply(500 if not failures.isdecimal() or count <= int(failures) else 200)


def _redirect(segments: list[str], _: int) -> Reply:
    """`/redirect/…`: 302 to `/ok/redirected/…` of the same receiver."""
    return Reply(302, location="/".join(["/ok/redirected", *segments]))


BEHAVIOURS: dict[str, Callable[[list[str], int], Reply]] = {
    "ok": lambda *_: Reply(200),
    "status": _status,
    "fail": _fail,
    "redirect": _redirect,
    "hang": lambda *_: Reply(Manner.HANG),
    "drip": lambda *_: Reply(Manner.DRIP),
    "close": lambda *_: Reply(Manner.CLOSE),
}
"""By the first segment of a path: a function from its other segments and the count of its calls to the reply."""


def give(reply: Reply, handler: BaseHTTPRequestHandler, closing: Event) -> None:
    """Send a reply.

    Args:
        handler: the handler of the connection.
        closing: set when the receiver closes, which ends every wait.
    """
    if not isinstance(reply.answer, Manner):
        _send(handler, reply.answer, reply.location)
        return
    if reply.answer is Manner.HANG:
        closing.wait()
    elif reply.answer is Manner.DRIP:
        _drip(handler, closing)
    handler.close_connection = True


def _drip(handler: BaseHTTPRequestHandler, closing: Event) -> None:
    handler.send_response_only(200)
    while True:
        handler.send_header("X-Drip", "drop")
        handler.flush_headers()
        handler.wfile.flush()
        if closing.wait(1.0):
            return


def _send(handler: BaseHTTPRequestHandler, status: int, location: str | None) -> None:
    body = b"" if status in {204, 304} else json.dumps({"ok": 200 <= status < 300}).encode()
    handler.send_response(status)
    handler.send_header("Content-Type", "application/json")
    if body:
        handler.send_header("Content-Length", str(len(body)))
    if location is not None:
        handler.send_header("Location", location)
    handler.end_headers()
    if handler.command != "HEAD":
        handler.wfile.write(body)
