"""What is known of a trial: the log's word, the receiver's, and the scale's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from harness.zoo.expected import Ending
from webhooks_local.receiver.calls import Call


@dataclass(frozen=True)
class Attempt:
    """A delivery's first attempt, as the log shows it.

    Attributes:
        seconds: that it took.
        kept: bytes of the answer that were kept; what is no text is shown as one letter for each.
    """

    ending: Ending
    seconds: float
    kept: int


@dataclass(frozen=True)
class Evidence:
    """What a trial has brought to light.

    Attributes:
        events: how many were accepted.
        attempts: those that have ended.
        calls: the requests that the receiver read.
        connections: how many it accepted.
        growth: bytes by which the worker's memory had grown at the most.
        growth_after: bytes by which it had grown in the end.
    """

    events: int
    attempts: Sequence[Attempt]
    calls: Sequence[Call]
    connections: int
    growth: int
    growth_after: int


def first_attempt(delivery: Mapping[str, Any]) -> Attempt | None:
    """Read a delivery's first attempt; None while there is none."""
    if not delivery["attempts"]:
        return None
    logged = delivery["attempts"][0]
    ending = Ending(delivery["state"], logged["status"], logged["error"], logged.get("detail"))
    return Attempt(ending, logged["ms"] / 1000, len(logged.get("body") or ""))
