"""Waking up deliveries: publishing their hookIds, so that a worker attempts them in time."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Protocol

from msgspec import Struct


class Lane(StrEnum):
    """A queue of ids for the workers. They take from both lanes in turn.

    An account with very many owed deliveries uses the bulk lane, so that deliveries of other accounts need not
    wait behind them. Ids from the bulk lane leave some of a worker's slots free.
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
    """A lane that is a list in the ledger's own Redis, so that a Lua script can append messages to it."""

    @property
    def key(self) -> str:
        """The list's key."""

    @property
    def message(self) -> str:
        """The template of a message: `@ids@` stands for the hookIds, and `@first@` for the first of them."""


class PublishIds(Protocol):
    """Publishes hookIds that are to be attempted after a number of seconds.

    It never raises: the sweep publishes the ids again if a message could not be published.
    """

    def __call__(self, hook_ids: Sequence[str], delay: float, lane: Lane = Lane.EXPRESS) -> None:
        """Publish."""


def publish_grouped(publish_ids: PublishIds, wakeups: Iterable[WakeUp]) -> None:
    """Publish many deliveries; those of a lane that are due at about the same time share a message.

    A message may come up to a tenth of a second late, but never early by the same clock: an early claim is
    refused.
    """
    groups: dict[tuple[float, Lane], list[str]] = defaultdict(list)
    for wakeup in wakeups:
        groups[math.ceil(wakeup.wait * 10) / 10, wakeup.lane].append(wakeup.hook_id)
    for (wait, lane), hook_ids in groups.items():
        publish_ids(hook_ids, wait, lane)
