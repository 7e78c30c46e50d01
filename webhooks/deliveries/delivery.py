"""A delivery: one event on its way to one webhook, and the attempts made for it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from webhooks.http.call import Outcome


class State(StrEnum):
    """Where a delivery stands. The first three are owed an attempt; the others have ended."""

    QUEUED = "queued"
    SCHEDULED = "scheduled"
    RETRYING = "retrying"
    DELIVERED = "delivered"
    EXHAUSTED = "exhausted"
    CANCELED = "canceled"
    NOT_ENTITLED = "notEntitled"

    @property
    def has_ended(self) -> bool:
        """Whether no further attempt is owed."""
        return self in ENDED


_OWED = (State.QUEUED, State.SCHEDULED, State.RETRYING)
ENDED = tuple(state for state in State if state not in _OWED)


class Attempt(Struct, frozen=True):
    """One line of the delivery log.

    Attributes:
        number: 1 for the first; an interrupted attempt and its repetition share a number.
        at: when the attempt began.
        retry: the flag that the body carried.
        outcome: the outcome of its call.
        url: the URL that was called; None for an interrupted attempt, whose URL was not recorded.
    """

    number: int
    at: datetime
    retry: bool
    outcome: Outcome
    url: str | None = None


class Delivery(Struct, frozen=True):
    """A delivery as the log shows it.

    Attributes:
        profile: the refId of the profile that the event is about.
        account: the refId of that profile's account.
        due: when the next attempt is to be made; None while a call is in flight, while the delivery is deferred,
            and when it has ended.
    """

    hook_id: str
    action: str
    profile: str
    account: str
    state: State
    created: datetime
    due: datetime | None
    attempts: tuple[Attempt, ...]

    @property
    def last_attempt(self) -> Attempt | None:
        """The latest recorded attempt; None if there is none."""
        return self.attempts[-1] if self.attempts else None
