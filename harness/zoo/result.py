"""What came of a behaviour, as a value."""

from __future__ import annotations

from dataclasses import dataclass

from harness.zoo.behaviour import Behaviour
from harness.zoo.evidence import Evidence


@dataclass(frozen=True)
class Result:
    """What came of a behaviour.

    Attributes:
        seconds: that the trial took.
        evidence: None when the trial could not be finished.
        wrong: a sentence for each thing that is otherwise than expected.
    """

    behaviour: Behaviour
    seconds: float
    evidence: Evidence | None
    wrong: tuple[str, ...]
