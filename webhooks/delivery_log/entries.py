"""Stored records of deliveries, the lists that they are in, and the port that the store implements.

Each account and each profile has a list of its deliveries, in the order in which they were accepted.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol, Self

from webhooks.deliveries.delivery import Delivery, State

_CURSOR = re.compile(r"(\d{1,20})-(\d{1,20})", re.ASCII)
#: The largest number of either part of a cursor.
_MAX = 2**64 - 1


@dataclass(frozen=True, order=True)
class Cursor:
    """The position of a delivery in a list.

    Attributes:
        milliseconds: when it was accepted, since 1970.
        number: its position among the deliveries of that millisecond.
    """

    milliseconds: int
    number: int

    @classmethod
    def read(cls, text: str) -> Self:
        """Read a cursor that `str` has written: `1767607200000-0`.

        Raises:
            ValueError: it is not a cursor.
        """
        parts = _CURSOR.fullmatch(text)
        if parts is None:
            raise ValueError("not two numbers with a dash between them")
        milliseconds, number = int(parts[1]), int(parts[2])
        if max(milliseconds, number) > _MAX:
            raise ValueError("beyond 64 bits")
        return cls(milliseconds, number)

    def __str__(self) -> str:
        return f"{self.milliseconds}-{self.number}"


#: No delivery is at this position or after it.
LAST_CURSOR = Cursor(_MAX, _MAX)


@dataclass(frozen=True)
class Span:
    """A part of a list, by the time at which its deliveries were accepted.

    Attributes:
        profile: only deliveries about this profile of the account; None for all profiles.
        since: the first moment of the part.
        until: the first moment after it.
    """

    account: str
    profile: str | None = None
    since: datetime | None = None
    until: datetime | None = None


class StatusClass(StrEnum):
    """The first digit of the latest attempt's status; `none` without an attempt or without an answer."""

    SUCCESS = "2xx"
    REDIRECT = "3xx"
    REFUSED = "4xx"
    FAILED = "5xx"
    NONE = "none"


@dataclass(frozen=True)
class LogFilter:
    """Which deliveries are searched for; None matches all."""

    action: str | None = None
    state: State | None = None
    status_class: StatusClass | None = None

    def matches(self, delivery: Delivery) -> bool:
        """Report whether a delivery matches."""
        return (
            self.action in {None, delivery.action}
            and self.state in {None, delivery.state}
            and self.status_class in {None, _status_class(delivery)}
        )


@dataclass(frozen=True)
class DeliveryRecord:
    """All that is stored of a delivery.

    Attributes:
        owner: the refId of the profile whose webhook is called.
        title: the title of the profile that the event is about, at the time of acceptance.
        payload: the body as JSON, without the fields that each attempt adds.
        platform: the network that the event comes from, if a plan must include it.
        token: of the claim with which it ended; None while it is owed.
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

    cursor: Cursor
    hook_id: str
    action: str


class DeliveryRecords(Protocol):
    """Where records are read."""

    def find(self, hook_id: str) -> DeliveryRecord | None:
        """Return a record."""

    def read(self, hook_ids: Sequence[str]) -> list[DeliveryRecord | None]:
        """Return records, in order; None for one that has expired or cannot be read."""

    def list_deliveries(
        self, span: Span, after: Cursor | None, limit: int, *, oldest_first: bool
    ) -> list[ListedDelivery]:
        """Return up to `limit` deliveries of a list, from the beginning of the span or from `after` a cursor."""


def _status_class(delivery: Delivery) -> str:
    last = delivery.last_attempt
    if last is None or last.outcome.status is None:
        return StatusClass.NONE
    return f"{last.outcome.status // 100}xx"
