"""What measurements say about the goals of a scenario, and how the tables show it."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from harness.bench.numbers import Spread
from harness.bench.result import ScenarioResult
from harness.bench.scenario import Figure, Goal, Measured, Scenario, Side, at_least, at_most
from harness.bench.scenarios import SCENARIOS
from harness.bench.table import FIGURES, KINDS, PROCESSOR, figure_rows, goal_text, markdown, processor_rows


def result(*rounds: Mapping[Side, float], goals: tuple[Goal, ...] = (), **more: object) -> ScenarioResult:
    """Return the result of a scenario with one figure, by system and round."""
    sides = {side: lambda _: Measured({}) for one in rounds for side in one}
    scenario = Scenario("some", "Something is done.", sides, [Figure("rate", "events/s", goals)])
    measured = [{side: Measured({"rate": number}) for side, number in one.items()} for one in rounds]
    return ScenarioResult(scenario, measured, seconds=1, **more)  # type: ignore[arg-type]


def cell(of: ScenarioResult, column: str) -> str:
    [row] = figure_rows(of)
    return row[FIGURES.index(column)]


@pytest.mark.parametrize(
    ("goal", "value", "met"),
    [(at_least(10), 10, True), (at_least(10), 9.9, False), (at_most(10), 10, True), (at_most(10), 10.1, False)],
)
def test_a_goal_is_met_at_its_bound(goal: Goal, value: float, met: bool) -> None:
    assert goal.is_met(value) is met


def test_a_ratio_is_calculated_for_each_round() -> None:
    """A machine that was slow in one round was slow for both systems."""
    of = result(
        {Side.OURS: 100, Side.BASELINE: 10},
        {Side.OURS: 50, Side.BASELINE: 5},
        {Side.OURS: 120, Side.BASELINE: 10},
    )
    [figure] = of.scenario.figures
    assert of.ratio(figure, Side.BASELINE) == Spread(median=10, least=10, most=12)
    assert of.spread(figure, Side.OURS) == Spread(median=100, least=50, most=120)
    assert of.ratio(figure, Side.LIMIT) is None


def test_each_goal_is_checked_against_its_own_figure() -> None:
    goals = (at_least(10, Side.BASELINE), at_least(0.5, Side.LIMIT), at_most(100))
    of = result({Side.OURS: 100, Side.BASELINE: 10, Side.LIMIT: 400}, goals=goals)
    checks = of.checks(of.scenario.figures[0])
    assert [check.reached for check in checks] == [10, 0.25, 100]
    assert [check.is_met for check in checks] == [True, False, True]
    assert cell(of, "met") == "yes, no, yes"


def test_an_incomplete_scenario_meets_no_goal() -> None:
    of = result(goals=(at_most(100),), wrong=("It broke off: 3 of 5 events never came.",))
    assert of.checks(of.scenario.figures[0]) == []
    assert cell(of, "met") == ""
    assert "- some: It broke off: 3 of 5 events never came." in markdown([of])


def test_cpu_time_is_in_milliseconds_per_event() -> None:
    scenario = Scenario("some", "Something is done.", {Side.OURS: lambda _: Measured({})}, [])
    rounds = [
        {Side.OURS: Measured({}, events=1_000, cpu={"api": seconds, "redis": 0.5})} for seconds in (1.0, 4.0, 2.0)
    ]
    of = ScenarioResult(scenario, rounds, seconds=1)
    assert of.cpu(Side.OURS) == {"api": 2.0, "redis": 0.5}
    [row] = processor_rows(of)
    assert dict(zip(PROCESSOR, row, strict=True)) == {
        "scenario": "some",
        "side": "ours",
        **dict.fromkeys(KINDS, ""),
        "api": "2",
        "redis": "0.5",
        "all": "2.5",
    }


def test_a_remark_is_written_once_and_names_its_system() -> None:
    remarked = Measured({}, remarks=["1 of 2 events came twice."])
    scenario = Scenario("some", "Something is done.", {Side.OURS: lambda _: Measured({})}, [])
    assert ScenarioResult(scenario, [{Side.OURS: remarked}] * 3, seconds=1).remarks == [
        "ours: 1 of 2 events came twice."
    ]


@pytest.mark.parametrize(
    ("goal", "text"),
    [(at_least(10, Side.BASELINE), "≥ 10 x baseline"), (at_most(300), "≤ 300"), (at_least(0.35), "≥ 0.35")],
)
def test_a_goal_is_described_in_words(goal: Goal, text: str) -> None:
    assert goal_text(goal) == text


def test_a_row_has_the_median_minimum_and_maximum() -> None:
    of = result(*({Side.OURS: ours, Side.LIMIT: 40_000} for ours in (4_000, 5_000, 4_321)))
    assert cell(of, "ours") == "4,321 (4,000-5,000)"
    assert cell(of, "limit") == "40,000"
    assert cell(of, "baseline") == ""
    assert cell(of, "ratios") == "0.108 x limit"


def test_each_figure_has_a_row_in_the_document() -> None:
    of = result({Side.OURS: 1}, {Side.OURS: 1})
    lines = markdown([of]).splitlines()
    assert lines[0] == f"| {' | '.join(FIGURES)} |"
    assert lines[2].startswith("| Something is done. | rate, events/s | 1 |")


@pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=SCENARIOS)
def test_a_scenario_compares_only_systems_that_it_measures(scenario: Scenario) -> None:
    assert Side.OURS in scenario.sides
    against = {goal.against for figure in scenario.figures for goal in figure.goals}
    assert against - {None} <= set(scenario.sides)
