"""A recovery: all deliveries of a kind are sent again, a few at a time."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from enum import StrEnum

from webhooks.delivery_log.entries import Cursor, LogFilter, Span


class Stage(StrEnum):
    """What a recovery does: it goes through its deliveries twice, and the first time it only counts them."""

    COUNTING = "counting"
    REVIVING = "reviving"
    FINISHED = "finished"


@dataclass(frozen=True)
class Recovery:
    """A customer's wish to have deliveries sent again, and how far it has come.

    Attributes:
        span: which part of the account's log it is about.
        wanted: which deliveries there.
        step: how many steps were made. Each is made by whoever knows this number, so none is made twice.
        place: where the last step of this stage ended; None at the beginning.
        counted: how many were found while counting.
        done: how many are owed an attempt again.
        failed: how many cannot be sent again.
    """

    recovery_id: str
    span: Span
    wanted: LogFilter
    step: int = 0
    stage: Stage = Stage.COUNTING
    place: Cursor | None = None
    counted: int = 0
    done: int = 0
    failed: int = 0

    @property
    def total(self) -> int | None:
        """How many deliveries it is about; None while they are counted.

        Some may have been sent again by somebody else since, so in the end it is as many as were found then.
        """
        if self.stage is Stage.COUNTING:
            return None
        found = self.done + self.failed
        return found if self.stage is Stage.FINISHED else max(self.counted, found)

    @property
    def percent(self) -> int:
        """How much is done; 100 in the end, and not before."""
        if self.stage is Stage.FINISHED:
            return 100
        return min(99, 100 * (self.done + self.failed) // self.total) if self.total else 0


@dataclass(frozen=True)
class Progress:
    """What a step of a recovery comes to, beside what it revives.

    Attributes:
        stage: the stage of the next step.
        place: where the next step begins; None at the beginning of the stage.
        counted: how many this one has found while counting.
        failed: how many of this one cannot be sent again.
    """

    stage: Stage
    place: Cursor | None = None
    counted: int = 0
    failed: int = 0


def new_recovery_id() -> str:
    """Return a fresh id of a recovery: 20 random hex characters."""
    return secrets.token_hex(10)
