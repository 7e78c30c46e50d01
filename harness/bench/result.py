"""The result of a scenario: the measurements of each round, and whether its goals are met."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.bench.numbers import Spread
from harness.bench.scenario import Figure, Goal, Measured, Scenario, Side

Round = Mapping[Side, Measured]


@dataclass(frozen=True)
class GoalCheck:
    """Whether a goal is met.

    Attributes:
        reached: the median of our figure, or of its ratio to another side's figure in each round.
    """

    goal: Goal
    reached: float

    @property
    def is_met(self) -> bool:
        """Whether the goal is met."""
        return self.goal.is_met(self.reached)


@dataclass(frozen=True)
class ScenarioResult:
    """The result of a scenario.

    Attributes:
        rounds: the measurements by side, of each complete round.
        wrong: the reasons why other rounds failed, as sentences.
    """

    scenario: Scenario
    rounds: Sequence[Round]
    seconds: float
    wrong: Sequence[str] = ()

    def spread(self, figure: Figure, side: Side) -> Spread | None:
        """Return a figure of one side over all rounds; None if it has none."""
        numbers = [one[side].figures[figure.name] for one in self.rounds if side in one]
        return Spread.of(numbers) if numbers else None

    def ratio(self, figure: Figure, side: Side) -> Spread | None:
        """Return the ratio of our figure to another side's, by round; None if that has none.

        Both were measured within a minute or two, so other load on the machine affected both.
        """
        pairs = [(one[Side.OURS], one[side]) for one in self.rounds if side in one]
        ratios = [ours.figures[figure.name] / other.figures[figure.name] for ours, other in pairs]
        return Spread.of(ratios) if ratios else None

    def checks(self, figure: Figure) -> list[GoalCheck]:
        """Return whether each goal of a figure is met; empty if nothing was measured."""
        reached = [
            (goal, self.spread(figure, Side.OURS) if goal.against is None else self.ratio(figure, goal.against))
            for goal in figure.goals
        ]
        return [GoalCheck(goal, spread.median) for goal, spread in reached if spread is not None]

    def cpu(self, side: Side) -> Mapping[str, float]:
        """Return the median milliseconds of CPU time per event by kind of process, if known."""
        each = [one[side].cpu_per_event() for one in self.rounds if side in one]
        kinds = each[0] if each else {}
        return {kind: Spread.of([one[kind] for one in each]).median for kind in kinds}

    @property
    def remarks(self) -> list[str]:
        """Further observations, as sentences that name the side; each once."""
        all_of_them = (
            f"{side}: {remark}"
            for one in self.rounds
            for side, measured in one.items()
            for remark in measured.remarks
        )
        return list(dict.fromkeys(all_of_them))
