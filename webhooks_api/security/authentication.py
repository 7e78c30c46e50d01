"""Gates: authenticate a customer, producer or operator by a key, and apply the rate limits."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from flask import g, request
from werkzeug.exceptions import HTTPException

from webhooks.accounts.account import Profile
from webhooks.accounts.keys import fingerprint, is_one_of
from webhooks.accounts.manager import AccountManager
from webhooks.accounts.rate_limits import Allowance, RateLimiter
from webhooks.errors import InvalidInput, NotAuthenticated, TooManyCalls, UnknownProfileKey
from webhooks_api.input.bodies import json_object

#: The call that counts for the primary profile: otherwise each new profile would raise the allowance of its
#: account.
_COUNTED_FOR_ACCOUNT = "profiles.create_profile"

_METHODS_WITH_BODY = frozenset({"POST", "PUT", "PATCH", "DELETE"})

#: Runs before each request of a blueprint; raises if the caller may not.
Gate = Callable[[], None]


def bearer_key() -> str:
    """Return the key of the Authorization header.

    A missing key does not count as a wrong one: it is not a guess.

    Raises:
        NotAuthenticated: there is none.
    """
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not key.strip():
        raise NotAuthenticated
    return key.strip()


def customers_only(
    account_manager: AccountManager, rate_limiter: RateLimiter, *, key_in_body: bool = False
) -> Gate:
    """Admit customers, as often as their limit allows; `calling_profile` then returns the profile of the call.

    Args:
        key_in_body: whether the field `profileKey` of the body counts as the header `Profile-Key` does.
            The body is read once the API key is known to be good.
    """

    def caller_of(profile_key: str | None) -> Profile:
        key = bearer_key()
        with rate_limiter.counting_wrong_keys(request.remote_addr):
            profile = account_manager.caller_of(key, profile_key or None)
        if profile_key == "":  # belongs to no profile, but is not a guess
            raise UnknownProfileKey
        return profile

    def count() -> None:
        counts_for_account = request.endpoint == _COUNTED_FOR_ACCOUNT
        _admit(rate_limiter.customer_calls(g.profile.account_ref_id if counts_for_account else g.profile.ref_id))

    def gate() -> None:
        g.profile_key = request.headers.get("Profile-Key")
        g.profile = caller_of(g.profile_key)
        try:
            in_body = _other_key_in_body(g.profile_key) if key_in_body else None
        except (InvalidInput, HTTPException):  # a call with an unreadable body counts too
            count()
            raise
        if in_body is not None:
            g.profile_key, g.profile = in_body, caller_of(in_body)
        count()

    return gate


def producers_only(keys: Sequence[str], rate_limiter: RateLimiter) -> Gate:
    """Admit producers, as often as their limit allows; `calling_producer` then returns the producer."""
    fingerprints = [fingerprint(key) for key in keys]

    def gate() -> None:
        g.producer = _fingerprint_among(fingerprints, rate_limiter)[:16]
        _admit(rate_limiter.producer_calls(g.producer))

    return gate


def operators_only(admin_key: str, rate_limiter: RateLimiter) -> Gate:
    """Admit operators."""
    fingerprints = [fingerprint(admin_key)]

    def gate() -> None:
        _fingerprint_among(fingerprints, rate_limiter)

    return gate


def calling_profile() -> Profile:
    """Return the profile that a customer's call is about."""
    profile: Profile = g.profile
    return profile


def calling_profile_key() -> str | None:
    """Return the Profile-Key of a customer's call, if any."""
    key: str | None = g.profile_key
    return key


def calling_producer() -> str:
    """Return a name for the calling producer, made from its key without revealing it."""
    producer: str = g.producer
    return producer


def _other_key_in_body(in_header: str | None) -> str | None:
    """Return the Profile-Key in the body; None if there is none, or the same as in the header.

    Raises:
        InvalidInput: it is not text, or differs from the one in the header.
    """
    key = json_object().get("profileKey") if request.method in _METHODS_WITH_BODY else None
    if key is None or key == in_header:
        return None
    if not isinstance(key, str):
        raise InvalidInput({"profileKey": ["Not a valid string."]})
    if in_header is not None:
        raise InvalidInput({"profileKey": ["Differs from the Profile-Key header."]})
    return key


def _fingerprint_among(fingerprints: Sequence[str], rate_limiter: RateLimiter) -> str:
    """Return the fingerprint of the caller's key if it is one of these; raises NotAuthenticated."""
    candidate = fingerprint(bearer_key())
    with rate_limiter.counting_wrong_keys(request.remote_addr):
        if not is_one_of(fingerprints, candidate):
            raise NotAuthenticated
    return candidate


def _admit(allowance: Allowance | None) -> None:
    """Admit a call if its limit allows; in either case the headers of the answer say what is left.

    Args:
        allowance: None if the call has no limit.

    Raises:
        TooManyCalls: it may not be made now.
    """
    g.allowance = allowance
    if allowance is not None and allowance.retry_after is not None:
        raise TooManyCalls(allowance.retry_after)
