"""The result of a behaviour, as a value."""

from __future__ import annotations

from dataclasses import dataclass

from harness.zoo.behaviour import Behaviour
from harness.zoo.evidence import Evidence


@dataclass(frozen=True)
class BehaviourResult:
    """The result of a behaviour.

    Attributes:
        seconds: the duration of the trial.
        evidence: None if the trial could not be finished.
        wrong: a sentence for each deviation from the expectation.
    """

    behaviour: Behaviour
    seconds: float
    evidence: Evidence | None
    wrong: tuple[str, ...]
