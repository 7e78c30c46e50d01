"""Receivers to which a TLS connection must not be made, or cannot."""

from __future__ import annotations

from harness.zoo.answers import head, ok
from harness.zoo.behaviour import Stage, behaviour
from harness.zoo.connection import Connection
from harness.zoo.expected import not_asked
from harness.zoo.tls import Tls


@behaviour(not_asked("tls", "expired"), tls=Tls.EXPIRED)
def expired(connection: Connection) -> None:
    """Shows a certificate that has expired."""
    connection.send(ok())


@behaviour(not_asked("tls", "not_yet_valid"), tls=Tls.NOT_YET_VALID)
def not_yet_valid(connection: Connection) -> None:
    """Shows a certificate that is valid from tomorrow on."""
    connection.send(ok())


@behaviour(not_asked("tls", "wrong_name"), tls=Tls.WRONG_NAME)
def wrong_name(connection: Connection) -> None:
    """Shows a certificate for another name."""
    connection.send(ok())


@behaviour(not_asked("tls", "untrusted"), tls=Tls.UNTRUSTED)
def untrusted(connection: Connection) -> None:
    """Shows a certificate of an authority that nobody knows."""
    connection.send(ok())


@behaviour(not_asked("tls", "untrusted"), tls=Tls.SELF_SIGNED)
def self_signed(connection: Connection) -> None:
    """Shows a certificate that it has signed itself."""
    connection.send(ok())


@behaviour(not_asked("tls", "untrusted"), tls=Tls.UNCHAINED)
def unchained(connection: Connection) -> None:
    """Leaves out the certificate that leads from its own to the authority's."""
    connection.send(ok())


@behaviour(not_asked("tls", "too_old"), tls=Tls.TOO_OLD)
def too_old(connection: Connection) -> None:
    """Speaks TLS 1.1 at most."""
    connection.send(ok())


@behaviour(not_asked("tls"), tls=Tls.ASKS_BACK)
def asks_for_a_certificate(connection: Connection) -> None:
    """Wants to see a certificate of the caller's."""
    connection.send(ok())


@behaviour(not_asked("tls"), stage=Stage.ACCEPTED)
def plain_http(connection: Connection) -> None:
    """Speaks HTTP without TLS."""
    connection.receive()
    connection.send(head("400 Bad Request", "Connection: close"))
    connection.drop()


@behaviour(not_asked("tls"), stage=Stage.ACCEPTED)
def garbled_handshake(connection: Connection) -> None:
    """Answers the first message of TLS with nonsense."""
    connection.receive()
    connection.send(bytes(range(256)))
    connection.stay_silent()


@behaviour(not_asked("tls"), stage=Stage.ACCEPTED)
def leaves_the_handshake(connection: Connection) -> None:
    """Ends the connection in the TLS handshake."""
    connection.receive()
    connection.drop()
