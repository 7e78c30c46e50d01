"""Records: all that is kept of deliveries, the lists they stand in, and the port that the store implements.

There are two kinds of lists, an account's and a profile's, each in the order in which deliveries were accepted.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol, Self

from webhooks.deliveries.delivery import Delivery, State

_PLACE = re.compile(r"(\d{1,20})-(\d{1,20})", re.ASCII)
#: The largest number of either part of a place.
_MOST = 2**64 - 1


@dataclass(frozen=True, order=True)
class Cursor:
    """Where a delivery stands in a list.

    Attributes:
        milliseconds: when it was accepted, since 1970.
        number: which of that millisecond it is.
    """

    milliseconds: int
    number: int

    @classmethod
    def read(cls, text: str) -> Self:
        """Read what `str` makes of a place: `1767607200000-0`.

        Raises:
            ValueError: it is none.
        """
        parts = _PLACE.fullmatch(text)
        if parts is None:
            raise ValueError("no two numbers with a dash between")
        milliseconds, number = int(parts[1]), int(parts[2])
        if max(milliseconds, number) > _MOST:
            raise ValueError("beyond 64 bits")
        return cls(milliseconds, number)

    def __str__(self) -> str:
        return f"{self.milliseconds}-{self.number}"


#: Nothing stands there or beyond.
LAST_CURSOR = Cursor(_MOST, _MOST)


@dataclass(frozen=True)
class Span:
    """A part of a list, by when its deliveries were accepted.

    Attributes:
        account: whose list.
        profile: only what is about this profile of the account; None for all of them.
        since: the first moment of it.
        until: the first moment after it.
    """

    account: str
    profile: str | None = None
    since: datetime | None = None
    until: datetime | None = None


class StatusClass(StrEnum):
    """The first digit of the latest attempt's status; `none` when there is no attempt, or no answer."""

    SUCCESS = "2xx"
    REDIRECT = "3xx"
    REFUSED = "4xx"
    FAILED = "5xx"
    NONE = "none"


@dataclass(frozen=True)
class LogFilter:
    """What is looked for; None takes all."""

    action: str | None = None
    state: State | None = None
    status_class: StatusClass | None = None

    def takes(self, delivery: Delivery) -> bool:
        """Tell whether a delivery is one of these."""
        return (
            self.action in {None, delivery.action}
            and self.state in {None, delivery.state}
            and self.status_class in {None, _status_class(delivery)}
        )


@dataclass(frozen=True)
class DeliveryRecord:
    """All that is kept of a delivery.

    Attributes:
        owner: the refId of the profile whose webhook is called.
        title: the title of the profile that the event is about, as it was when the event was accepted.
        payload: the body as JSON, without the fields that are made at each attempt.
        platform: the network that the event is from, if that has needs of its own.
        token: of the claim with which it ended; None while it is owed an attempt.
    """

    delivery: Delivery
    owner: str
    title: str
    payload: str
    platform: str | None
    token: str | None


@dataclass(frozen=True)
class ListedDelivery:
    """A delivery in a list."""

    place: Cursor
    hook_id: str
    action: str


class DeliveryRecords(Protocol):
    """Where the records are."""

    def find(self, hook_id: str) -> DeliveryRecord | None:
        """Return a record."""

    def read(self, hook_ids: Sequence[str]) -> list[DeliveryRecord | None]:
        """Return records, in order; None for what has expired or cannot be read."""

    def listed(self, span: Span, after: Cursor | None, most: int, *, oldest_first: bool) -> list[ListedDelivery]:
        """Return up to `most` deliveries of a list, from the beginning of the span or from `after` a place on."""


def _status_class(delivery: Delivery) -> str:
    last = delivery.last_attempt
    if last is None or last.outcome.status is None:
        return StatusClass.NONE
    return f"{last.outcome.status // 100}xx"
