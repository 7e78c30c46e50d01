"""When to try again: a decision as a value."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from webhooks.deliveries.delivery import State
from webhooks.http.call import Outcome

#: Attempts of one delivery that may be interrupted; with the last it is exhausted. What ends a worker five times
#: would end it for ever.
MAX_INTERRUPTIONS = 5


class RetryDecision(Struct, frozen=True):
    """What happens to a delivery after an attempt.

    Attributes:
        state: where the delivery stands now.
        delay: seconds until the next attempt; None when there is none.
    """

    state: State
    delay: float | None = None


def decide(attempt: int, outcome: Outcome, delays: Sequence[float]) -> RetryDecision:
    """Decide what follows attempt number `attempt` (1 is the first since the event came, or was sent again).

    The contract's `delays` are 5 and 30 seconds: the first retry 5 s after the first failure, the second 30 s
    after the second, and after the third failure the delivery is exhausted.
    """
    if outcome.succeeded:
        return RetryDecision(State.DELIVERED)
    if attempt <= len(delays):
        return RetryDecision(State.RETRYING, delays[attempt - 1])
    return RetryDecision(State.EXHAUSTED)
