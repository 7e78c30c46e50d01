"""Deferring and resuming, for the tests of deferred sets."""

from __future__ import annotations

from collections.abc import Sequence

from stores import Store
from webhooks.admission.candidate import AdmissionDecision
from webhooks.deliveries.claim import Deferral

#: The reason for a deferral, and the host.
Reason = tuple[AdmissionDecision, str]


def full(host: str) -> Reason:
    """Return the reason that a host is full."""
    return AdmissionDecision.HOST_IS_FULL, host


def unresponsive(host: str) -> Reason:
    """Return the reason that a receiver at a host is unresponsive."""
    return AdmissionDecision.UNRESPONSIVE, host


HOST_FULL, UNRESPONSIVE = full("hooks.example"), unresponsive("hooks.example")
ACCOUNT_FULL = AdmissionDecision.ACCOUNT_IS_FULL, "hooks.example"
NO_RESOURCES = AdmissionDecision.OUT_OF_RESOURCES, "hooks.example"


def defer(store: Store, hook_ids: Sequence[str], reason: Reason = HOST_FULL) -> None:
    """Claim deliveries and defer them."""
    store.ledger.defer([Deferral(claim, *reason) for claim in store.claims(hook_ids).claims])


def defer_all_of(store: Store, profile: str) -> list[str]:
    """Defer three deliveries of a profile whose receiver is unresponsive; returns their hookIds."""
    hook_ids = [store.owed(profile) for _ in range(3)]
    defer(store, hook_ids, UNRESPONSIVE)
    return hook_ids


def resume(store: Store, limit: int = 5000) -> list[str]:
    """Resume, a second after the last time; returns the hookIds."""
    store.clock.advance(1)
    return [wakeup.hook_id for wakeup in store.ledger.resume(limit)]


def resume_and_claim(store: Store) -> list[str]:
    """Resume, and claim all resumed deliveries."""
    resumed = resume(store)
    assert len(store.claims(resumed).claims) == len(resumed)
    return resumed
