"""Receivers that try to influence the next call."""

from __future__ import annotations

from harness.zoo.answers import head, ok
from harness.zoo.behaviour import Host, behaviour
from harness.zoo.connection import Connection
from harness.zoo.expected import delivered, failed


@behaviour(delivered(), waves=2)
def sets_a_cookie(connection: Connection) -> None:
    """Sets a cookie, which no call brings, to whatever port."""
    connection.send(ok("Set-Cookie: zoo=1; Path=/"))


@behaviour(delivered(), waves=2, host=Host("{port}.cookies.zoo.test"))
def sets_a_cookie_for_others(connection: Connection) -> None:
    """Sets a cookie for the whole domain, which no call brings, to whatever host of it."""
    connection.send(ok("Set-Cookie: zoo=1; Path=/; Domain=cookies.zoo.test"))


@behaviour(delivered(requests=None), waves=2)
def leaves_when_asked_again(connection: Connection) -> None:
    """Ends a kept connection at its second request without a byte; that call is made again on a fresh one."""
    if connection.requests > 1:
        connection.drop()
    else:
        connection.send(ok())


@behaviour(delivered(), waves=2)
def answers_twice(connection: Connection) -> None:
    """Sends a 500 after its 200, which is not taken for the answer to the next call."""
    connection.send(ok(), head("500 Internal Server Error", "Content-Length: 0"))


@behaviour(delivered(), waves=2)
def asks_for_another_way(connection: Connection) -> None:
    """Asks that it be called by other means from then on, which nobody heeds."""
    connection.send(ok('Alt-Svc: h3="127.0.0.1:1", h2="127.0.0.1:1"', "Refresh: 0; url=/elsewhere"))


@behaviour(failed("reset"), waves=2)
def always_leaves(connection: Connection) -> None:
    """Ends every connection without a byte: on a fresh one, that is its answer."""
    connection.drop()
