"""The run as a picture: rates side by side, and the CPU time of an event by process."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from matplotlib import pyplot as plt

from harness.bench.result import ScenarioResult
from harness.bench.scenario import Side
from harness.bench.scenarios.backlog import RATE
from harness.bench.table import KINDS

_COLOURS = {Side.OURS: "#2563a8", Side.OTHERWISE: "#8fb5dd", Side.BASELINE: "#d08a2f", Side.LIMIT: "#9a9a9a"}

_WIDTH = 0.28


def plot(results: Sequence[ScenarioResult], file: Path) -> None:
    """Write the picture, a PNG."""
    plt.switch_backend("agg")
    figure, (rates, times) = plt.subplots(1, 2, figsize=(15, 7), layout="constrained")
    _plot_rates(rates, [result for result in results if result.rounds and _rate(result)])
    _plot_times(times, [result for result in results if any(result.cpu(side) for side in Side)])
    figure.savefig(file, dpi=120)
    plt.close(figure)


def _plot_rates(axes: Any, results: Sequence[ScenarioResult]) -> None:
    """Draw a group of bars for each scenario, with a bar for each side and whiskers for minimum and maximum."""
    for place, result in enumerate(results):
        sides = list(result.scenario.sides)
        for number, side in enumerate(sides):
            spread = result.spread(_rate(result)[0], side)
            assert spread is not None  # noqa: S101 - for mypy; every side of a scenario is measured
            errors = [[spread.median - spread.least], [spread.most - spread.median]]
            left = place + (number - (len(sides) - 1) / 2) * _WIDTH
            bar = axes.bar(left, spread.median, _WIDTH, yerr=errors, capsize=3, color=_COLOURS[side])
            axes.bar_label(bar, fmt="{:,.0f}", padding=3, fontsize=8, rotation=90)
    for side in Side:
        axes.bar(0, 0, color=_COLOURS[side], label=side)
    axes.set_xticks(range(len(results)), [result.scenario.name for result in results], rotation=30, ha="right")
    if results:  # an axis without a bar has no logarithm
        axes.set_yscale("log")
        axes.margins(y=0.1)  # for the numbers above the bars
    axes.set_ylabel("events/s")
    axes.legend()


def _plot_times(axes: Any, results: Sequence[ScenarioResult]) -> None:
    """Draw a bar for each side of each scenario, divided by kinds of processes."""
    bars = [(result, side) for result in results for side in result.scenario.sides if result.cpu(side)]
    lefts = [0.0] * len(bars)
    for kind in KINDS:
        lengths = [result.cpu(side).get(kind, 0.0) for result, side in bars]
        axes.barh(range(len(bars)), lengths, left=lefts, label=kind)
        lefts = [left + length for left, length in zip(lefts, lengths, strict=True)]
    axes.set_yticks(range(len(bars)), [f"{result.scenario.name}: {side}" for result, side in bars])
    axes.invert_yaxis()
    axes.set_xlabel("ms of processor time for each event")
    axes.legend()


def _rate(result: ScenarioResult) -> list[Any]:
    return [figure for figure in result.scenario.figures if figure.name == RATE]
