"""Receivers whose connections end before an answer."""

from __future__ import annotations

from harness.zoo.answers import ok
from harness.zoo.behaviour import Door, Stage, behaviour
from harness.zoo.expected import delivered, either, failed, not_asked, not_reached
from harness.zoo.wire import Wire


@behaviour(not_reached("connect"), door=Door.SHUT)
def nobody_listens(_: Wire) -> None:
    """Does not listen."""


@behaviour(either(not_asked("tls"), not_asked("connect")), stage=Stage.ACCEPTED)
def resets_at_once(wire: Wire) -> None:
    """Resets the connection as soon as it is made."""
    wire.reset()


@behaviour(not_asked("reset"), stage=Stage.SECURED)
def leaves_before_the_request(wire: Wire) -> None:
    """Ends the connection after the TLS handshake."""
    wire.close()


@behaviour(failed("reset"))
def leaves_without_a_byte(wire: Wire) -> None:
    """Reads the request and ends the connection."""
    wire.close()


@behaviour(failed("reset"))
def resets_when_asked(wire: Wire) -> None:
    """Reads the request and resets the connection."""
    wire.reset()


@behaviour(failed("reset"))
def leaves_in_the_status_line(wire: Wire) -> None:
    """Ends the connection in the middle of the status line."""
    wire.send(b"HTTP/1.1 20")
    wire.close()


@behaviour(failed("reset"))
def leaves_in_the_headers(wire: Wire) -> None:
    """Ends the connection in the middle of the headers."""
    wire.send(b"HTTP/1.1 200 OK\r\nContent-Le")
    wire.close()


@behaviour(delivered(requests=0), stage=Stage.SECURED)
def answers_unasked(wire: Wire) -> None:
    """Answers before it has been asked, and listens to nothing."""
    wire.send(ok("Connection: close"))
    wire.stay_silent()
