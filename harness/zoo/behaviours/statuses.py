"""Answers whose status asks for something."""

from __future__ import annotations

from harness.zoo.answers import head, ok
from harness.zoo.behaviour import behaviour
from harness.zoo.expected import delivered, failed, refused
from harness.zoo.wire import Wire


@behaviour(delivered(204))
def no_content(wire: Wire) -> None:
    """Answers 204, which has no body."""
    wire.send(head("204 No Content"))


@behaviour(refused(304))
def not_modified(wire: Wire) -> None:
    """Answers 304, which has no body, though it names a length."""
    wire.send(head("304 Not Modified", "Content-Length: 100"))


@behaviour(refused(302))
def redirects(wire: Wire) -> None:
    """Answers 302 to another path of its own, which is never asked for."""
    wire.send(head("302 Found", "Location: /elsewhere", "Content-Length: 0"))


@behaviour(refused(307))
def redirects_to_the_forbidden(wire: Wire) -> None:
    """Answers 307 to the address of a cloud's secrets."""
    wire.send(head("307 Temporary Redirect", "Location: http://169.254.169.254/latest", "Content-Length: 0"))


@behaviour(refused(401))
def asks_for_a_password(wire: Wire) -> None:
    """Answers 401 and asks for a password; it is not asked again."""
    wire.send(head("401 Unauthorized", 'WWW-Authenticate: Basic realm="zoo"', "Content-Length: 0"))


@behaviour(failed("reset"))
def switches_protocols(wire: Wire) -> None:
    """Answers 101 and speaks another protocol from then on."""
    wire.send(head("101 Switching Protocols", "Upgrade: zoo", "Connection: Upgrade"), b"\x00\x01\x02")
    wire.drop()


@behaviour(delivered())
def continues_once(wire: Wire) -> None:
    """Sends 100 Continue, which nobody asked for, and then its 200."""
    wire.send(head("100 Continue"), ok())


@behaviour(delivered())
def hints_first(wire: Wire) -> None:
    """Sends 103 Early Hints, and then its 200."""
    wire.send(head("103 Early Hints", "Link: </style.css>; rel=preload"), ok())


@behaviour(refused(500))
def hints_and_fails(wire: Wire) -> None:
    """Sends 103 Early Hints, and then a 500."""
    wire.send(head("103 Early Hints"), head("500 Internal Server Error", "Content-Length: 0"))


@behaviour(failed("reset"))
def hints_and_leaves(wire: Wire) -> None:
    """Sends 103 Early Hints and ends the connection."""
    wire.send(head("103 Early Hints"))
    wire.drop()


@behaviour(failed("protocol"))
def status_099(wire: Wire) -> None:
    """Answers with the status 099, which there is not."""
    wire.send(head("099 Too Early", "Content-Length: 0"))


@behaviour(refused(600))
def status_600(wire: Wire) -> None:
    """Answers with the status 600, which there is not."""
    wire.send(head("600 Beyond", "Content-Length: 0"))


@behaviour(refused(999))
def status_999(wire: Wire) -> None:
    """Answers with the status 999, as some do to robots."""
    wire.send(head("999 Request Denied", "Content-Length: 0"))


@behaviour(failed("protocol"))
def status_of_four_digits(wire: Wire) -> None:
    """Answers with the status 2000."""
    wire.send(head("2000 OK", "Content-Length: 0"))


@behaviour(delivered())
def status_alone(wire: Wire) -> None:
    """Answers with a status line that has no words."""
    wire.send(head("200", "Content-Length: 0"))
