"""Retries: what follows an attempt, decided without side effects."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from webhooks.deliveries.claim import Claim, Entry
from webhooks.deliveries.delivery import Attempt, State
from webhooks.http.call import Outcome

#: The number of interrupted attempts after which a delivery is exhausted: one that has crashed workers so often
#: would crash more.
MAX_INTERRUPTIONS = 5


class RetryDecision(Struct, frozen=True):
    """What happens to a delivery after an attempt.

    Attributes:
        state: the state of the delivery from now on.
        delay: seconds until the next attempt; None when there is none.
    """

    state: State
    delay: float | None = None


def decide(attempt: int, outcome: Outcome, delays: Sequence[float]) -> RetryDecision:
    """Decide what follows attempt number `attempt`; 1 is the first since the event was accepted or redelivered.

    The contract's `delays` are 5 and 30 seconds: the first retry 5 s after the first failure, the second 30 s
    after the second, and after the third failure the delivery is exhausted.
    """
    if outcome.succeeded:
        return RetryDecision(State.DELIVERED)
    if attempt <= len(delays):
        return RetryDecision(State.RETRYING, delays[attempt - 1])
    return RetryDecision(State.EXHAUSTED)


def entry_for(claim: Claim, outcome: Outcome, delays: Sequence[float]) -> Entry:
    """Return what to record of an attempt that has ended."""
    decision = decide(claim.number - claim.resent_after, outcome, delays)
    attempt = Attempt(claim.number, claim.began, claim.retry, outcome, claim.url)
    return Entry(claim, decision.state, attempt, decision.delay)
