"""The three records that are compared. Each has another writer, so none relies on Ringback alone."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class NotedAnswer:
    """The producer's record of one request.

    Attributes:
        at: Unix seconds when the answer arrived.
        seconds: the duration of the request.
        status: the HTTP status; None without an answer.
        hook_ids: the promised events: the ids in a 202.
    """

    at: float
    seconds: float
    status: int | None
    hook_ids: tuple[str, ...] = ()

    def line(self) -> str:
        """Return the record as a line of the producer's file."""
        return json.dumps([self.at, self.seconds, self.status, self.hook_ids]) + "\n"


@dataclass(frozen=True)
class Call:
    """The receiver's record of one call.

    Attributes:
        peer: the port of the caller.
        arrived: Unix seconds when it had been read.
        answered: Unix seconds just before the answer; None without one.
        status: the status of the answer; None without one.
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
        """Whether the receiver accepted the event."""
        return self.status is not None and 200 <= self.status <= 299


@dataclass(frozen=True)
class LoggedAttempt:
    """A line of the delivery log.

    Attributes:
        at: Unix seconds of its start.
        interrupted: whether a crash cut it short.
    """

    number: int
    at: float
    retry: bool
    interrupted: bool


@dataclass(frozen=True)
class Logged:
    """The delivery log of an event; its state is `unknown` if the log does not contain it."""

    state: str
    attempts: tuple[LoggedAttempt, ...] = ()

    @property
    def ended(self) -> bool:
        """Whether nothing is owed any more."""
        return self.state in {"delivered", "exhausted"}


def read_answers(lines: Iterable[str]) -> list[NotedAnswer]:
    """Read a producer's file."""
    return [
        NotedAnswer(at, seconds, status, tuple(hook_ids))
        for at, seconds, status, hook_ids in map(json.loads, lines)
    ]
