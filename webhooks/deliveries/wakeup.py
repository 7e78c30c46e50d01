"""Ringing: publishing hookIds, so that a worker attempts them in time."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Protocol

from msgspec import Struct


class Lane(StrEnum):
    """Which way an id takes to the workers, who take from both in turn.

    An account with a great many deliveries waiting uses the lane for bulk, so that no one else waits behind them;
    and what comes by it leaves some of a worker's places free for the others.
    """

    EXPRESS = "express"
    BULK = "bulk"


class WakeUp(Struct, frozen=True):
    """A delivery whose id must be published.

    Attributes:
        wait: seconds until it is due; 0 when it is overdue.
    """

    hook_id: str
    wait: float
    lane: Lane = Lane.EXPRESS


class CeleryList(Protocol):
    """A lane that is a list in the ledger's own Redis, which then can put messages there by itself."""

    @property
    def key(self) -> str:
        """The list's key."""

    @property
    def message(self) -> str:
        """What to put there. In it `@ids@` stands for hookIds, and `@first@` for the first of them."""


class PublishIds(Protocol):
    """Publishes hookIds, to be attempted after so many seconds.

    It never raises: the sweep makes up for a message that could not be published.
    """

    def __call__(self, hook_ids: Sequence[str], delay: float, lane: Lane = Lane.EXPRESS) -> None:
        """Publish."""


def publish_grouped(publish_ids: PublishIds, wakeups: Iterable[WakeUp]) -> None:
    """Ring for many deliveries, those in a lane that are due at about the same time together.

    A message may come up to a tenth of a second late; by one and the same clock it is never early, for then its
    claim is refused.
    """
    together: dict[tuple[float, Lane], list[str]] = defaultdict(list)
    for wakeup in wakeups:
        together[math.ceil(wakeup.wait * 10) / 10, wakeup.lane].append(wakeup.hook_id)
    for (wait, lane), hook_ids in together.items():
        publish_ids(hook_ids, wait, lane)
