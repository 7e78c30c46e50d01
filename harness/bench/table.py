"""The tables: a row for each figure, and one for the CPU time of each side."""

from __future__ import annotations

from collections.abc import Sequence

from harness.bench.numbers import Spread
from harness.bench.result import GoalCheck, ScenarioResult
from harness.bench.scenario import Figure, Goal, Side
from harness.markdown import table

FIGURES = ("scenario", "figure", *Side, "ratios", "goal", "met")
KINDS = ("api", "worker", "beat", "redis", "receiver", "load")
PROCESSOR = ("scenario", "side", *KINDS, "all")
_OTHERS = (Side.OTHERWISE, Side.BASELINE, Side.LIMIT)


def figure_rows(result: ScenarioResult) -> list[tuple[str, ...]]:
    """Return a row of cells for each figure of a scenario."""
    return [_figure_row(result, figure) for figure in result.scenario.figures]


def processor_rows(result: ScenarioResult) -> list[tuple[str, ...]]:
    """Return a row of cells for each side with known CPU time, in milliseconds per event."""
    by_side = {side: result.cpu(side) for side in result.scenario.sides}
    return [
        (
            result.scenario.name,
            side,
            *(_number(cpu[kind]) if kind in cpu else "" for kind in KINDS),
            _number(sum(cpu.values())),
        )
        for side, cpu in by_side.items()
        if cpu
    ]


def markdown(results: Sequence[ScenarioResult]) -> str:
    """Return both tables in Markdown, each scenario with its sentence in the first, and the remarks below."""
    sentences = [(result.scenario.sentence, *row[1:]) for result in results for row in figure_rows(result)]
    processor = [row for result in results for row in processor_rows(result)]
    notes = [
        f"- {result.scenario.name}: {note}" for result in results for note in (*result.wrong, *result.remarks)
    ]
    parts = [
        table(FIGURES, sentences),
        "Milliseconds of processor time for each event:",
        table(PROCESSOR, processor),
        "\n".join(notes),
    ]
    return "\n\n".join(part for part in parts if part)


def goal_text(goal: Goal) -> str:
    """Return a goal in words: `≥ 10 x baseline`."""
    sign = "≥" if goal.is_least else "≤"
    return f"{sign} {goal.bound:g}" if goal.against is None else f"{sign} {goal.bound:g} x {goal.against}"


def met_text(checks: Sequence[GoalCheck]) -> str:
    """Return whether the goals are met: `yes` or `no` for each; empty if there are none."""
    return ", ".join("yes" if check.is_met else "no" for check in checks)


def _figure_row(result: ScenarioResult, figure: Figure) -> tuple[str, ...]:
    ratios = {side: result.ratio(figure, side) for side in _OTHERS}
    return (
        result.scenario.name,
        f"{figure.name}, {figure.unit}",
        *(_spread(result.spread(figure, side)) for side in Side),
        ", ".join(f"{_number(ratio.median)} x {side}" for side, ratio in ratios.items() if ratio is not None),
        ", ".join(goal_text(goal) for goal in figure.goals),
        met_text(result.checks(figure)),
    )


def _spread(spread: Spread | None) -> str:
    """Return the median, with minimum and maximum if they differ."""
    if spread is None:
        return ""
    if spread.least == spread.most:
        return _number(spread.median)
    return f"{_number(spread.median)} ({_number(spread.least)}-{_number(spread.most)})"


def _number(number: float) -> str:
    """Return a number with at least three significant digits."""
    return f"{number:,.0f}" if abs(number) >= 100 else f"{number:.3g}"
