"""Receivers that cannot be found, or must not be called."""

from __future__ import annotations

from harness.zoo.answers import ok
from harness.zoo.behaviour import ALLOWED, FORBIDDEN, Host, behaviour
from harness.zoo.expected import either, not_reached
from harness.zoo.wire import Wire


@behaviour(not_reached("dns"), host=Host("{door}.nobody.zoo.test", None))
def unknown_name(wire: Wire) -> None:
    """Has a name that does not exist."""
    wire.send(ok())


@behaviour(not_reached("dns"), host=Host("{door}.empty.zoo.test", ()))
def name_without_address(wire: Wire) -> None:
    """Has a name that has no address."""
    wire.send(ok())


@behaviour(
    either(not_reached("timeout"), not_reached("dns")), host=Host("{door}.silent.zoo.test", None, silent=True)
)
def name_that_nobody_answers(wire: Wire) -> None:
    """Has a name of which its name server says nothing, not even that it does not exist."""
    wire.send(ok())


@behaviour(not_reached("blocked"), host=Host("{door}.forbidden.zoo.test", (FORBIDDEN,)), address=FORBIDDEN)
def forbidden_address(wire: Wire) -> None:
    """Has a name that leads to an address which must not be called."""
    wire.send(ok())


@behaviour(
    not_reached("blocked"), host=Host("{door}.disguised.zoo.test", (f"::ffff:{FORBIDDEN}",)), address=FORBIDDEN
)
def forbidden_address_in_disguise(wire: Wire) -> None:
    """Has a name that leads to such an address as IPv6 may write it."""
    wire.send(ok())


@behaviour(not_reached("blocked"), host=Host("{door}.both.zoo.test", (ALLOWED, FORBIDDEN)))
def forbidden_address_among_others(wire: Wire) -> None:
    """Has a name that leads to an address that may be called, and to one that must not: neither is."""
    wire.send(ok())
