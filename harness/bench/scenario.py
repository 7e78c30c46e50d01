"""What a scenario is: sides that are measured in turn, figures that come of it, and goals that these have."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from harness.bench.ground import Ground


class Side(StrEnum):
    """Who, or in which state, is measured."""

    OURS = "ours"
    OTHERWISE = "ours otherwise"
    BASELINE = "baseline"
    LIMIT = "limit"


@dataclass(frozen=True)
class Measured:
    """What one measurement of one side gave.

    Attributes:
        figures: by name, as the scenario has them.
        events: that were sent, or delivered, in the time of `cpu`.
        cpu: seconds of processor time by kind of process.
        remarks: what was seen beside it, in sentences.
    """

    figures: Mapping[str, float]
    events: int = 0
    cpu: Mapping[str, float] = field(default_factory=dict)
    remarks: Sequence[str] = ()

    def cpu_per_event(self) -> Mapping[str, float]:
        """Return the milliseconds of processor time for each event, by kind of process."""
        return {kind: 1000 * seconds / self.events for kind, seconds in self.cpu.items()}


Measure = Callable[[Ground], Measured]


@dataclass(frozen=True)
class Goal:
    """What a figure of ours is held to.

    Attributes:
        bound: the least or most that it may be.
        is_least: which of both.
        against: the side whose figure it is divided by before; None if by none.
    """

    bound: float
    is_least: bool
    against: Side | None = None

    def is_met(self, value: float) -> bool:
        """Report whether a figure, divided already if it is to be, is within the bound."""
        return value >= self.bound if self.is_least else value <= self.bound


def at_least(bound: float, against: Side | None = None) -> Goal:
    """Return the goal of being so much, or so many times another side's figure."""
    return Goal(bound, is_least=True, against=against)


def at_most(bound: float, against: Side | None = None) -> Goal:
    """Return the goal of being no more than so much, or so many times another side's figure."""
    return Goal(bound, is_least=False, against=against)


@dataclass(frozen=True)
class Figure:
    """A figure of a scenario.

    Attributes:
        name: what it is called in `Measured.figures`, and in the table.
        unit: behind the number; empty for a mere number.
        goals: all of which are to be met.
    """

    name: str
    unit: str
    goals: Sequence[Goal] = ()


@dataclass(frozen=True)
class Scenario:
    """Something that is measured of several sides.

    Attributes:
        name: what it is called on the command line.
        sentence: what it does, for the table.
        sides: how each is measured, in this order in each round.
    """

    name: str
    sentence: str
    sides: Mapping[Side, Measure]
    figures: Sequence[Figure]
