"""`make chaos`: break a running Ringback in every known way, and check that it keeps its promises."""

from __future__ import annotations

import argparse
import os
import secrets
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console

from harness.chaos.builds import without_the_lease
from harness.chaos.faults import FAULTS
from harness.chaos.plan import Plan, pool_for
from harness.chaos.rabbitmq import PROGRAM
from harness.chaos.scene import Broker, Fault
from harness.chaos.size import LONG, QUICK
from harness.chaos.stack import ChaosStack
from harness.chaos.table import COLUMNS, as_json, cells, in_order, markdown
from harness.chaos.trial import FaultResult
from harness.document_tables import write_between_marks
from harness.progress_bar import show_each
from webhooks_local.fleet import ROOT


def main() -> int:
    """Try the faults; returns 1 if one broke a promise."""
    arguments = _arguments()
    seed = arguments.seed if arguments.seed is not None else secrets.randbelow(1_000_000)
    console = Console(width=None if sys.stdout.isatty() else 160, highlight=False)
    with TemporaryDirectory(prefix="ringback-chaos-", ignore_cleanup_errors=True) as temporary:
        directory = arguments.keep or Path(temporary)
        plans = _plans(arguments, seed, directory)
        count = sum(len(plan.faults) for plan in plans)
        console.print(
            f"{count} faults, up to {arguments.stacks} side by side; --seed {seed} makes the same again."
        )
        results = _show(console, _try(plans, directory), count, arguments.json)
    if arguments.markdown:
        write_between_marks(arguments.markdown, "chaos", markdown(in_order(results)))
    return int(any(result.wrong for result in results))


def _plans(arguments: argparse.Namespace, seed: int, directory: Path) -> list[Plan]:
    """Return the plans, each of which runs its faults concurrently."""
    size = QUICK if arguments.quick else LONG
    source = without_the_lease(directory) if arguments.without == "lease" else ROOT
    make_stack = partial(ChaosStack, size=size, source=source, beat=arguments.without != "sweep")
    plan = Plan((), size, arguments.rounds or size.rounds, seed, make_stack, arguments.stacks)
    faults = _faults(arguments.fault, quick=arguments.quick, rabbitmq=arguments.rabbitmq)
    with_rabbitmq = partial(make_stack, rabbitmq=True)
    alone = [] if arguments.quick else [fault for fault in faults if fault.alone]
    together = [fault for fault in faults if fault not in alone]
    on_rabbitmq = [fault for fault in together if arguments.rabbitmq or fault.broker is Broker.RABBITMQ]
    return [
        replace(plan, faults=[fault for fault in together if fault not in on_rabbitmq]),
        replace(plan, faults=on_rabbitmq, make_stack=with_rabbitmq),
        *(
            replace(plan, faults=[fault], make_stack=with_rabbitmq if arguments.rabbitmq else make_stack)
            for fault in alone
        ),
    ]


def _try(plans: Iterable[Plan], directory: Path) -> Iterator[FaultResult]:
    for number, plan in enumerate(plans, 1):
        with pool_for(plan, directory / f"part-{number}") as pool:
            yield from pool.results()


def _show(console: Console, results: Iterable[FaultResult], count: int, file: Path | None) -> list[FaultResult]:
    """Print a line for each result when it arrives, and write it to a file too; returns them all."""

    def show(result: FaultResult) -> None:
        console.print(_row(cells(result)), style="red" if result.wrong else None)
        for sentence in (*result.wrong, *result.remarks):
            console.print(f"    {sentence}")
        if file:
            with file.open("a", encoding="utf-8") as lines:
                lines.write(as_json(result) + "\n")

    console.print(_row(COLUMNS), style="bold")
    return show_each(console, results, count, show)


def _row(texts: Iterable[str]) -> str:
    widths = (29, 9, 10, 10, 5, 11, 27, 13, 15, 8, 5)
    return " ".join(text.ljust(width) for text, width in zip(texts, widths, strict=True))


def _faults(names: Sequence[str] | None, *, quick: bool, rabbitmq: bool) -> list[Fault]:
    if names:
        return [FAULTS[name] for name in names]
    brokers = {None} | ({Broker.REDIS} if not rabbitmq else set()) | ({Broker.RABBITMQ} if PROGRAM else set())
    return [fault for fault in FAULTS.values() if (fault.quick or not quick) and fault.broker in brokers]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make chaos", description=__doc__)
    parser.add_argument(
        "--fault", action="append", choices=FAULTS, metavar="NAME", help=f"one of {', '.join(FAULTS)}"
    )
    parser.add_argument("--rounds", type=int, help="how often each fault is injected (3, or 1 when quick)")
    parser.add_argument("--seed", type=int, help="makes an earlier run's random moments again")
    parser.add_argument("--stacks", type=int, default=(os.cpu_count() or 1) + 1, help="how many run side by side")
    parser.add_argument("--quick", action="store_true", help="short times instead of the product's real ones")
    parser.add_argument("--rabbitmq", action="store_true", help="with Celery's queues in RabbitMQ in all of them")
    parser.add_argument(
        "--without", choices=("sweep", "lease"), help="try a build that lacks this, to see it fail"
    )
    parser.add_argument(
        "--markdown", type=Path, metavar="FILE", help="put the table between the marks in a document"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="append a line for each result")
    parser.add_argument("--keep", type=Path, metavar="DIRECTORY", help="keep logs and records there")
    arguments = parser.parse_args()
    brokers = {FAULTS[name].broker for name in arguments.fault or []}
    if PROGRAM is None and (arguments.rabbitmq or Broker.RABBITMQ in brokers):
        parser.error("there is no rabbitmq-server on PATH")
    if arguments.rabbitmq and Broker.REDIS in brokers:
        parser.error("faults of the queue in Redis cannot be tried with --rabbitmq")
    return arguments


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
