"""A scenario: the sides that are measured in turn, their figures, and the goals of these."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from harness.bench.workbench import Workbench


class Side(StrEnum):
    """The measured system, and its state."""

    OURS = "ours"
    OTHERWISE = "ours otherwise"
    BASELINE = "baseline"
    LIMIT = "limit"


@dataclass(frozen=True)
class Measured:
    """One measurement of one side.

    Attributes:
        figures: the figures by name, as in the scenario.
        events: the events that were sent or delivered during `cpu`.
        cpu: seconds of CPU time by kind of process.
        remarks: further observations, as sentences.
    """

    figures: Mapping[str, float]
    events: int = 0
    cpu: Mapping[str, float] = field(default_factory=dict)
    remarks: Sequence[str] = ()

    def cpu_per_event(self) -> Mapping[str, float]:
        """Return the milliseconds of CPU time per event by kind of process."""
        return {kind: 1000 * seconds / self.events for kind, seconds in self.cpu.items()}


Measure = Callable[[Workbench], Measured]


@dataclass(frozen=True)
class Goal:
    """A goal for a figure of ours.

    Attributes:
        bound: the minimum or maximum.
        is_least: whether it is the minimum.
        against: the side by whose figure ours is divided; None for no division.
    """

    bound: float
    is_least: bool
    against: Side | None = None

    def is_met(self, value: float) -> bool:
        """Return whether a figure, already divided, is within the bound."""
        return value >= self.bound if self.is_least else value <= self.bound


def at_least(bound: float, against: Side | None = None) -> Goal:
    """Return the goal of a minimum, perhaps as a multiple of another side's figure."""
    return Goal(bound, is_least=True, against=against)


def at_most(bound: float, against: Side | None = None) -> Goal:
    """Return the goal of a maximum, perhaps as a multiple of another side's figure."""
    return Goal(bound, is_least=False, against=against)


@dataclass(frozen=True)
class Figure:
    """A figure of a scenario.

    Attributes:
        name: its name in `Measured.figures` and in the table.
        unit: the unit behind the number; empty if it has none.
        goals: the goals, all of which must be met.
    """

    name: str
    unit: str
    goals: Sequence[Goal] = ()


@dataclass(frozen=True)
class Scenario:
    """A scenario with several sides.

    Attributes:
        name: its name on the command line.
        sentence: its description for the table.
        sides: the measurement of each side, in this order in each round.
    """

    name: str
    sentence: str
    sides: Mapping[Side, Measure]
    figures: Sequence[Figure]
