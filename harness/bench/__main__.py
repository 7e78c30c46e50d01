"""`make bench`: measure Ringback beside a plain system and the bare limit of the machine, in one run."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.table import Table

from harness.bench.plot import plot
from harness.bench.receiver import DOMAIN, NAME_TTL, Receiver
from harness.bench.report import as_json, caption, machine
from harness.bench.result import ScenarioResult
from harness.bench.scenarios import SCENARIOS
from harness.bench.size import FULL, QUICK
from harness.bench.table import FIGURES, PROCESSOR, figure_rows, markdown, processor_rows
from harness.bench.target import Target
from harness.bench.trial import try_scenario
from harness.bench.workbench import Workbench
from harness.document_tables import write_between_marks
from harness.name_server import NameServer
from webhooks_local.fleet import ROOT


def main() -> int:
    """Measure; returns 1 if a measurement failed or an event was lost. A goal that is not met is not an error."""
    arguments = _arguments()
    size = QUICK if arguments.quick else FULL
    size = replace(size, rounds=arguments.rounds or size.rounds)
    console = Console(width=None if sys.stdout.isatty() else 200, highlight=False)
    with TemporaryDirectory(prefix="ringback-bench-", ignore_cleanup_errors=True) as temporary:
        directory = (arguments.keep or Path(temporary)).absolute()
        directory.mkdir(parents=True, exist_ok=True)
        with NameServer() as name_server, Receiver(directory) as receiver:
            name_server.set_domain(DOMAIN, "127.0.0.1", NAME_TTL)
            bench = Workbench(size, Target(receiver, name_server), directory)
            results = _measure(bench, arguments.only or list(SCENARIOS), console)
    _show(console, results)
    arguments.output.mkdir(parents=True, exist_ok=True)
    (arguments.output / "bench.json").write_text(as_json(results, size) + "\n", encoding="utf-8")
    plot(results, arguments.output / "bench.png")
    console.print(f"All figures are in {arguments.output}/bench.json, and plotted in bench.png.")
    if arguments.markdown:
        picture = arguments.markdown.with_suffix(".png")
        plot(results, picture)
        shown = f"![Rates, and where the processor time of an event goes]({picture.name})"
        told = caption(datetime.now(UTC), size.rounds, machine())
        write_between_marks(arguments.markdown, "bench", f"{told}\n\n{markdown(results)}\n\n{shown}")
    return int(any(result.wrong for result in results))


def _measure(bench: Workbench, names: Sequence[str], console: Console) -> list[ScenarioResult]:
    """Measure, and print each measurement and its result."""
    results = []
    with console.status("") as status:
        tell = status.update if console.is_terminal else console.print
        for name in names:
            result = try_scenario(SCENARIOS[name], bench, bench.size.rounds, tell)
            results.append(result)
            for row in figure_rows(result):
                console.print(" | ".join(cell for cell in row if cell))
            for sentence in result.wrong:
                console.print(f"    {sentence}", style="red")
    return results


def _show(console: Console, results: Sequence[ScenarioResult]) -> None:
    figures = Table(*FIGURES, title="Median (least-most) of each figure")
    processor = Table(*PROCESSOR, title="Milliseconds of processor time for each event")
    for result in results:
        for row in figure_rows(result):
            figures.add_row(*row, style="red" if result.wrong else None)
        for row in processor_rows(result):
            processor.add_row(*row)
    console.print(figures, processor)
    for result in results:
        for sentence in (*result.wrong, *result.remarks):
            console.print(f"{result.scenario.name}: {sentence}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument(
        "--only", action="append", choices=SCENARIOS, metavar="NAME", help=f"one of {', '.join(SCENARIOS)}"
    )
    parser.add_argument("--rounds", type=int, help="how often each scenario is measured (3, or 1 when quick)")
    parser.add_argument("--quick", action="store_true", help="little of everything: two minutes instead of thirty")
    parser.add_argument(
        "--output",
        type=Path,
        default=ROOT / "var" / "bench",
        metavar="DIRECTORY",
        help="where bench.json and bench.png are written (var/bench)",
    )
    parser.add_argument(
        "--markdown",
        type=Path,
        metavar="FILE",
        help="put the tables between the marks in a document, and the plot beside it",
    )
    parser.add_argument("--keep", type=Path, metavar="DIRECTORY", help="keep logs in this new directory")
    arguments = parser.parse_args()
    if arguments.keep and arguments.keep.exists():
        parser.error(f"{arguments.keep} is there already")
    return arguments


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
