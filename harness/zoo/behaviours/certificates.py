"""Receivers to which a TLS connection must not be made, or cannot."""

from __future__ import annotations

from harness.zoo.answers import head, ok
from harness.zoo.behaviour import Stage, behaviour
from harness.zoo.expected import not_asked
from harness.zoo.tls import Tls
from harness.zoo.wire import Wire


@behaviour(not_asked("tls", "expired"), tls=Tls.EXPIRED)
def expired(wire: Wire) -> None:
    """Shows a certificate that has expired."""
    wire.send(ok())


@behaviour(not_asked("tls", "not_yet_valid"), tls=Tls.NOT_YET_VALID)
def not_yet_valid(wire: Wire) -> None:
    """Shows a certificate that is valid from tomorrow on."""
    wire.send(ok())


@behaviour(not_asked("tls", "wrong_name"), tls=Tls.WRONG_NAME)
def wrong_name(wire: Wire) -> None:
    """Shows a certificate for another name."""
    wire.send(ok())


@behaviour(not_asked("tls", "untrusted"), tls=Tls.UNTRUSTED)
def untrusted(wire: Wire) -> None:
    """Shows a certificate of an authority that nobody knows."""
    wire.send(ok())


@behaviour(not_asked("tls", "untrusted"), tls=Tls.SELF_SIGNED)
def self_signed(wire: Wire) -> None:
    """Shows a certificate that it has signed itself."""
    wire.send(ok())


@behaviour(not_asked("tls", "untrusted"), tls=Tls.UNCHAINED)
def unchained(wire: Wire) -> None:
    """Leaves out the certificate that leads from its own to the authority's."""
    wire.send(ok())


@behaviour(not_asked("tls", "too_old"), tls=Tls.TOO_OLD)
def too_old(wire: Wire) -> None:
    """Speaks TLS 1.1 at most."""
    wire.send(ok())


@behaviour(not_asked("tls"), tls=Tls.ASKS_BACK)
def asks_for_a_certificate(wire: Wire) -> None:
    """Wants to see a certificate of the caller's."""
    wire.send(ok())


@behaviour(not_asked("tls"), stage=Stage.ACCEPTED)
def plain_http(wire: Wire) -> None:
    """Speaks HTTP without TLS."""
    wire.receive()
    wire.send(head("400 Bad Request", "Connection: close"))
    wire.drop()


@behaviour(not_asked("tls"), stage=Stage.ACCEPTED)
def garbled_handshake(wire: Wire) -> None:
    """Answers the first message of TLS with nonsense."""
    wire.receive()
    wire.send(bytes(range(256)))
    wire.stay_silent()


@behaviour(not_asked("tls"), stage=Stage.ACCEPTED)
def leaves_the_handshake(wire: Wire) -> None:
    """Ends the connection in the TLS handshake."""
    wire.receive()
    wire.drop()
