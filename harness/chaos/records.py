"""The three records that are compared. Each has another author; none relies on Ringback alone."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Answer:
    """What the producer noted of one request.

    Attributes:
        at: Unix seconds at which the answer had come.
        seconds: how long it took.
        status: the HTTP status; None when no answer came.
        hook_ids: what was promised: the ids in a 202.
    """

    at: float
    seconds: float
    status: int | None
    hook_ids: tuple[str, ...] = ()

    def line(self) -> str:
        """Return it as a line of the producer's file."""
        return json.dumps([self.at, self.seconds, self.status, self.hook_ids]) + "\n"


@dataclass(frozen=True)
class Call:
    """What the receiver noted of one call.

    Attributes:
        peer: the port that the call came from.
        arrived: Unix seconds at which it had been read.
        answered: Unix seconds just before it was answered; None when it never was.
        status: the answer's status; None when there was none.
    """

    hook_id: str
    attempt: int
    retry: bool
    path: str
    peer: int
    arrived: float
    answered: float | None = None
    status: int | None = None

    @property
    def succeeded(self) -> bool:
        """Whether the receiver took the event."""
        return self.status is not None and 200 <= self.status <= 299


@dataclass(frozen=True)
class LoggedAttempt:
    """A line of the delivery log.

    Attributes:
        at: Unix seconds at which it began.
        interrupted: whether it was cut short by a crash.
    """

    number: int
    at: float
    retry: bool
    interrupted: bool


@dataclass(frozen=True)
class Logged:
    """What the delivery log says of an event; state `unknown` when it knows nothing."""

    state: str
    attempts: tuple[LoggedAttempt, ...] = ()

    @property
    def ended(self) -> bool:
        """Whether nothing is owed any more."""
        return self.state in {"delivered", "exhausted"}


def read_answers(lines: Iterable[str]) -> list[Answer]:
    """Read a producer's file."""
    return [
        Answer(at, seconds, status, tuple(hook_ids)) for at, seconds, status, hook_ids in map(json.loads, lines)
    ]
