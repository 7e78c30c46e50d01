"""Answers whose status asks for something."""

from __future__ import annotations

from harness.zoo.answers import head, ok
from harness.zoo.behaviour import behaviour
from harness.zoo.connection import Connection
from harness.zoo.expected import delivered, failed, refused


@behaviour(delivered(204))
def no_content(connection: Connection) -> None:
    """Answers 204, which has no body."""
    connection.send(head("204 No Content"))


@behaviour(refused(304))
def not_modified(connection: Connection) -> None:
    """Answers 304, which has no body, though it names a length."""
    connection.send(head("304 Not Modified", "Content-Length: 100"))


@behaviour(refused(302))
def redirects(connection: Connection) -> None:
    """Answers 302 to another path of its own, which is never asked for."""
    connection.send(head("302 Found", "Location: /elsewhere", "Content-Length: 0"))


@behaviour(refused(307))
def redirects_to_the_forbidden(connection: Connection) -> None:
    """Answers 307 to the address of a cloud's secrets."""
    connection.send(head("307 Temporary Redirect", "Location: http://169.254.169.254/latest", "Content-Length: 0"))


@behaviour(refused(401))
def asks_for_a_password(connection: Connection) -> None:
    """Answers 401 and asks for a password; it is not asked again."""
    connection.send(head("401 Unauthorized", 'WWW-Authenticate: Basic realm="zoo"', "Content-Length: 0"))


@behaviour(failed("reset"))
def switches_protocols(connection: Connection) -> None:
    """Answers 101 and speaks another protocol from then on."""
    connection.send(head("101 Switching Protocols", "Upgrade: zoo", "Connection: Upgrade"), b"\x00\x01\x02")
    connection.drop()


@behaviour(delivered())
def continues_once(connection: Connection) -> None:
    """Sends 100 Continue, which nobody asked for, and then its 200."""
    connection.send(head("100 Continue"), ok())


@behaviour(delivered())
def hints_first(connection: Connection) -> None:
    """Sends 103 Early Hints, and then its 200."""
    connection.send(head("103 Early Hints", "Link: </style.css>; rel=preload"), ok())


@behaviour(refused(500))
def hints_and_fails(connection: Connection) -> None:
    """Sends 103 Early Hints, and then a 500."""
    connection.send(head("103 Early Hints"), head("500 Internal Server Error", "Content-Length: 0"))


@behaviour(failed("reset"))
def hints_and_leaves(connection: Connection) -> None:
    """Sends 103 Early Hints and ends the connection."""
    connection.send(head("103 Early Hints"))
    connection.drop()


@behaviour(failed("protocol"))
def status_099(connection: Connection) -> None:
    """Answers with the status 099, which there is not."""
    connection.send(head("099 Too Early", "Content-Length: 0"))


@behaviour(refused(600))
def status_600(connection: Connection) -> None:
    """Answers with the status 600, which there is not."""
    connection.send(head("600 Beyond", "Content-Length: 0"))


@behaviour(refused(999))
def status_999(connection: Connection) -> None:
    """Answers with the status 999, as some do to robots."""
    connection.send(head("999 Request Denied", "Content-Length: 0"))


@behaviour(failed("protocol"))
def status_of_four_digits(connection: Connection) -> None:
    """Answers with the status 2000."""
    connection.send(head("2000 OK", "Content-Length: 0"))


@behaviour(delivered())
def status_alone(connection: Connection) -> None:
    """Answers with a status line that has no words."""
    connection.send(head("200", "Content-Length: 0"))
