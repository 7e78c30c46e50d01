"""Receivers whose connections end before an answer."""

from __future__ import annotations

from harness.zoo.answers import ok
from harness.zoo.behaviour import Listening, Stage, behaviour
from harness.zoo.connection import Connection
from harness.zoo.expected import delivered, either, failed, not_asked, not_reached


@behaviour(not_reached("connect"), listening=Listening.SHUT)
def nobody_listens(_: Connection) -> None:
    """Does not listen."""


@behaviour(either(not_asked("tls"), not_asked("connect")), stage=Stage.ACCEPTED)
def resets_at_once(connection: Connection) -> None:
    """Resets the connection as soon as it is made."""
    connection.reset()


@behaviour(not_asked("reset"), stage=Stage.SECURED)
def leaves_before_the_request(connection: Connection) -> None:
    """Ends the connection after the TLS handshake."""
    connection.close()


@behaviour(failed("reset"))
def leaves_without_a_byte(connection: Connection) -> None:
    """Reads the request and ends the connection."""
    connection.close()


@behaviour(failed("reset"))
def resets_when_asked(connection: Connection) -> None:
    """Reads the request and resets the connection."""
    connection.reset()


@behaviour(failed("reset"))
def leaves_in_the_status_line(connection: Connection) -> None:
    """Ends the connection in the middle of the status line."""
    connection.send(b"HTTP/1.1 20")
    connection.close()


@behaviour(failed("reset"))
def leaves_in_the_headers(connection: Connection) -> None:
    """Ends the connection in the middle of the headers."""
    connection.send(b"HTTP/1.1 200 OK\r\nContent-Le")
    connection.close()


@behaviour(delivered(requests=0), stage=Stage.SECURED)
def answers_unasked(connection: Connection) -> None:
    """Answers before it has been asked, and listens to nothing."""
    connection.send(ok("Connection: close"))
    connection.stay_silent()
