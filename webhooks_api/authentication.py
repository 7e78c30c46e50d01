"""Who calls: a customer, a producer or an operator, each by a key of its own kind."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from flask import g, request

from webhooks.accounts import Profile
from webhooks.enrolling import Enrolling
from webhooks.errors import NotAuthenticated
from webhooks.keys import fingerprint, holds

#: Runs before each request of a blueprint; raises if the caller may not.
Gate = Callable[[], None]


def bearer_key() -> str:
    """Return the key of the Authorization header.

    Raises:
        NotAuthenticated: there is none.
    """
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not key.strip():
        raise NotAuthenticated
    return key.strip()


def customers_only(enrolling: Enrolling) -> Gate:
    """Let customers in; `calling_profile` then tells whom the call is about."""

    def gate() -> None:
        g.profile = enrolling.who_calls(bearer_key(), request.headers.get("Profile-Key"))

    return gate


def producers_only(keys: Sequence[str]) -> Gate:
    """Let producers in; `calling_producer` then tells which."""

    def gate() -> None:
        key = bearer_key()
        if not holds(keys, key):
            raise NotAuthenticated
        g.producer = fingerprint(key)[:16]

    return gate


def operators_only(admin_key: str) -> Gate:
    """Let operators in."""

    def gate() -> None:
        if not holds([admin_key], bearer_key()):
            raise NotAuthenticated

    return gate


def calling_profile() -> Profile:
    """Return the profile that a customer's call is about."""
    profile: Profile = g.profile
    return profile


def calling_producer() -> str:
    """Return a name for the calling producer, made from its key but not telling it."""
    producer: str = g.producer
    return producer
