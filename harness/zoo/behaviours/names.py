"""Receivers that cannot be found, or must not be called."""

from __future__ import annotations

from harness.zoo.answers import ok
from harness.zoo.behaviour import ALLOWED, FORBIDDEN, Host, behaviour
from harness.zoo.connection import Connection
from harness.zoo.expected import either, not_reached


@behaviour(not_reached("dns"), host=Host("{port}.nobody.zoo.test", None))
def unknown_name(connection: Connection) -> None:
    """Has a name that does not exist."""
    connection.send(ok())


@behaviour(not_reached("dns"), host=Host("{port}.empty.zoo.test", ()))
def name_without_address(connection: Connection) -> None:
    """Has a name that has no address."""
    connection.send(ok())


@behaviour(
    either(not_reached("timeout"), not_reached("dns")), host=Host("{port}.silent.zoo.test", None, silent=True)
)
def name_that_nobody_answers(connection: Connection) -> None:
    """Has a name of which its name server says nothing, not even that it does not exist."""
    connection.send(ok())


@behaviour(not_reached("blocked"), host=Host("{port}.forbidden.zoo.test", (FORBIDDEN,)), address=FORBIDDEN)
def forbidden_address(connection: Connection) -> None:
    """Has a name that leads to an address which must not be called."""
    connection.send(ok())


@behaviour(
    not_reached("blocked"),
    host=Host("{port}.disguised.zoo.test", (f"::ffff:{FORBIDDEN}",)),
    address=FORBIDDEN,
)
def forbidden_address_in_disguise(connection: Connection) -> None:
    """Has a name that leads to such an address as IPv6 may write it."""
    connection.send(ok())


@behaviour(not_reached("blocked"), host=Host("{port}.both.zoo.test", (ALLOWED, FORBIDDEN)))
def forbidden_address_among_others(connection: Connection) -> None:
    """Has a name that leads to an address that may be called, and to one that must not: neither is."""
    connection.send(ok())
