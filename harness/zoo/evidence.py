"""What is known about a trial: from the log, from the receiver, and about the worker's memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from harness.zoo.expected import Ending
from webhooks_local.receiver.calls import Call


@dataclass(frozen=True)
class FirstAttempt:
    """The first attempt of a delivery, as the log shows it.

    Attributes:
        seconds: its duration.
        kept: the bytes of the answer that were kept; a byte that is no text is shown as one character.
    """

    ending: Ending
    seconds: float
    kept: int


@dataclass(frozen=True)
class Evidence:
    """The observations of a trial.

    Attributes:
        events: the number of accepted events.
        attempts: the ended attempts.
        calls: the requests that the receiver read.
        connections: the number of connections that it accepted.
        growth: the maximum number of bytes by which the worker's memory had grown.
        growth_after: the bytes by which it had grown at the end.
    """

    events: int
    attempts: Sequence[FirstAttempt]
    calls: Sequence[Call]
    connections: int
    growth: int
    growth_after: int


def first_attempt(delivery: Mapping[str, Any]) -> FirstAttempt | None:
    """Read the first attempt of a delivery; None if there is none yet."""
    if not delivery["attempts"]:
        return None
    logged = delivery["attempts"][0]
    ending = Ending(delivery["state"], logged["status"], logged["error"], logged.get("detail"))
    return FirstAttempt(ending, logged["ms"] / 1000, len(logged.get("body") or ""))
