"""How a receiver answers, by the first segment of the path it is called at."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from threading import Event


@dataclass(frozen=True)
class Situation:
    """What a behaviour may look at.

    Attributes:
        handler: writes the answer.
        segments: the path's segments after the first.
        count: how many calls this path has had, this one included.
        closing: set when the receiver closes; nobody may wait for longer.
    """

    handler: BaseHTTPRequestHandler
    segments: list[str]
    count: int
    closing: Event


def answer(situation: Situation, behaviour: str) -> None:
    """Answer as `behaviour` does; 404 if there is no such behaviour."""
    BEHAVIOURS.get(behaviour, _unknown)(situation)


def _ok(situation: Situation) -> None:
    _send(situation.handler, 200)


def _status(situation: Situation) -> None:
    """`/status/<code>/…`: that status."""
    code = situation.segments[0] if situation.segments else ""
    _send(situation.handler, int(code) if code.isdecimal() and 200 <= int(code) <= 599 else 404)


def _fail(situation: Situation) -> None:
    """`/fail/<n>/…`: 500 for the first n calls of the path, then 200."""
    failures = situation.segments[0] if situation.segments else ""
    fails = not failures.isdecimal() or situation.count <= int(failures)
    _send(situation.handler, 500 if fails else 200)


def _hang(situation: Situation) -> None:
    """`/hang/…`: no answer, ever."""
    situation.closing.wait()
    situation.handler.close_connection = True


def _drip(situation: Situation) -> None:
    """`/drip/…`: a header line each second, and never the end of the headers."""
    situation.handler.send_response_only(200)
    while True:
        situation.handler.send_header("X-Drip", "drop")
        situation.handler.flush_headers()
        situation.handler.wfile.flush()
        if situation.closing.wait(1.0):
            break
    situation.handler.close_connection = True


def _redirect(situation: Situation) -> None:
    """`/redirect/…`: 302 to `/ok/redirected/…` of the same receiver."""
    _send(situation.handler, 302, location="/".join(["/ok/redirected", *situation.segments]))


def _close(situation: Situation) -> None:
    """`/close/…`: the connection ends without an answer."""
    situation.handler.close_connection = True


def _unknown(situation: Situation) -> None:
    _send(situation.handler, 404)


BEHAVIOURS: dict[str, Callable[[Situation], None]] = {
    "ok": _ok,
    "status": _status,
    "fail": _fail,
    "hang": _hang,
    "drip": _drip,
    "redirect": _redirect,
    "close": _close,
}


def _send(handler: BaseHTTPRequestHandler, status: int, location: str | None = None) -> None:
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
