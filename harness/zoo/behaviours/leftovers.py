"""Receivers that try to influence the next call."""

from __future__ import annotations

from harness.zoo.answers import head, ok
from harness.zoo.behaviour import Host, behaviour
from harness.zoo.expected import delivered, failed
from harness.zoo.wire import Wire


@behaviour(delivered(), waves=2)
def sets_a_cookie(wire: Wire) -> None:
    """Sets a cookie, which no call brings, to whatever port."""
    wire.send(ok("Set-Cookie: zoo=1; Path=/"))


@behaviour(delivered(), waves=2, host=Host("{door}.cookies.zoo.test"))
def sets_a_cookie_for_others(wire: Wire) -> None:
    """Sets a cookie for the whole domain, which no call brings, to whatever host of it."""
    wire.send(ok("Set-Cookie: zoo=1; Path=/; Domain=cookies.zoo.test"))


@behaviour(delivered(requests=None), waves=2)
def leaves_when_asked_again(wire: Wire) -> None:
    """Ends a kept connection at its second request without a byte; that call is made again on a fresh one."""
    if wire.requests > 1:
        wire.drop()
    else:
        wire.send(ok())


@behaviour(delivered(), waves=2)
def answers_twice(wire: Wire) -> None:
    """Sends a 500 after its 200, which is not taken for the answer to the next call."""
    wire.send(ok(), head("500 Internal Server Error", "Content-Length: 0"))


@behaviour(delivered(), waves=2)
def asks_for_another_way(wire: Wire) -> None:
    """Asks that it be called by other means from then on, which nobody heeds."""
    wire.send(ok('Alt-Svc: h3="127.0.0.1:1", h2="127.0.0.1:1"', "Refresh: 0; url=/elsewhere"))


@behaviour(failed("reset"), waves=2)
def always_leaves(wire: Wire) -> None:
    """Ends every connection without a byte: on a fresh one, that is its answer."""
    wire.drop()
