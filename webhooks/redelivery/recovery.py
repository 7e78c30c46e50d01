"""A recovery: many ended deliveries are redelivered, a few at a time."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from enum import StrEnum

from webhooks.delivery_log.entries import Cursor, LogFilter, Span


class Stage(StrEnum):
    """What a recovery does now: it goes through its deliveries twice, the first time to count them."""

    COUNTING = "counting"
    REDELIVERING = "reviving"  # the value is stored
    FINISHED = "finished"


@dataclass(frozen=True)
class Recovery:
    """A customer's request to redeliver, and its progress.

    Attributes:
        span: the part of the account's log.
        log_filter: which deliveries of it.
        step: how many steps were made. A step states this number, so none is made twice.
        cursor: where the last step of this stage ended; None at its beginning.
        counted: how many were found while counting.
        done: how many are owed an attempt again.
        failed: how many cannot be redelivered.
    """

    recovery_id: str
    span: Span
    log_filter: LogFilter
    step: int = 0
    stage: Stage = Stage.COUNTING
    cursor: Cursor | None = None
    counted: int = 0
    done: int = 0
    failed: int = 0

    @property
    def total(self) -> int | None:
        """How many deliveries it is about; None while they are counted.

        Some may have been resent one by one since they were counted, so in the end it is the number that was
        found.
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
    """The result of a step of a recovery, besides its redeliveries.

    Attributes:
        stage: the stage of the next step.
        cursor: where the next step begins; None at the beginning of the stage.
        counted: how many this step has found while counting.
        failed: how many of this step cannot be redelivered.
    """

    stage: Stage
    cursor: Cursor | None = None
    counted: int = 0
    failed: int = 0


def new_recovery_id() -> str:
    """Return a fresh id of a recovery: 20 random hex characters."""
    return secrets.token_hex(10)
