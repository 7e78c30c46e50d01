"""`make zoo`: let Ringback call receivers that misbehave in every known way, and check that none does harm."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console

from harness.document_tables import write_between_marks
from harness.name_server import NameServer
from harness.progress_bar import show_each
from harness.stack_pool import StackPool
from harness.zoo.behaviour import Behaviour
from harness.zoo.behaviours import BEHAVIOURS
from harness.zoo.network import Network
from harness.zoo.result import BehaviourResult
from harness.zoo.size import LONG, QUICK, ZooSize
from harness.zoo.table import COLUMNS, as_json, cells, markdown
from harness.zoo.warm_stack import WarmStack


def main() -> int:
    """Try the behaviours; returns 1 if one does not end as expected."""
    arguments = _arguments()
    size = QUICK if arguments.quick else LONG
    size = replace(size, calls=arguments.calls or size.calls, stacks=arguments.stacks or size.stacks)
    behaviours = [BEHAVIOURS[name] for name in arguments.behaviour or BEHAVIOURS]
    console = Console(width=None if sys.stdout.isatty() else 160, highlight=False)
    with TemporaryDirectory(prefix="ringback-zoo-", ignore_cleanup_errors=True) as temporary:
        directory = arguments.keep or Path(temporary)
        directory.mkdir(parents=True, exist_ok=True)
        console.print(f"{len(behaviours)} behaviours, {size.calls} calls of each at the same time.")
        with NameServer() as name_server:
            network = Network(directory, name_server)
            with _pool(network, behaviours, size, directory) as pool:
                results = _show(console, pool.results(), len(behaviours), arguments.json)
    if arguments.markdown:
        write_between_marks(arguments.markdown, "zoo", markdown(results))
    return int(any(result.wrong for result in results))


def _pool(
    network: Network, behaviours: list[Behaviour], size: ZooSize, directory: Path
) -> StackPool[Behaviour, WarmStack, BehaviourResult]:
    # Those that take until the timeout come first, so that no stack is left with one at the end.
    in_turn = sorted(behaviours, key=lambda behaviour: behaviour.expected.waits is False)
    return StackPool(
        in_turn,
        make_stack=lambda name: WarmStack(directory / name, network, size),
        work=WarmStack.result,
        broken_off=lambda behaviour, seconds, sentence: BehaviourResult(behaviour, seconds, None, (sentence,)),
        stacks=size.stacks,
    )


def _show(
    console: Console, results: Iterable[BehaviourResult], count: int, file: Path | None
) -> list[BehaviourResult]:
    """Print a line for each result when it arrives, and write it to a file too; returns them all."""

    def show(result: BehaviourResult) -> None:
        console.print(_row(cells(result)), style="red" if result.wrong else None)
        for sentence in result.wrong:
            console.print(f"    {sentence}")
        if file:
            with file.open("a", encoding="utf-8") as lines:
                lines.write(as_json(result) + "\n")

    console.print(_row(COLUMNS), style="bold")
    return show_each(console, results, count, show)


def _row(texts: Iterable[str]) -> str:
    widths = (31, 9, 6, 9, 14, 8, 8, 12, 12)
    return " ".join(text.ljust(width) for text, width in zip(texts, widths, strict=True))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make zoo", description=__doc__)
    parser.add_argument(
        "--behaviour",
        action="append",
        choices=BEHAVIOURS,
        metavar="NAME",
        help=f"one of {', '.join(BEHAVIOURS)}",
    )
    parser.add_argument("--calls", type=int, help="of each behaviour at the same time (100, or 10 when quick)")
    parser.add_argument("--stacks", type=int, help="how many behaviours are called side by side")
    parser.add_argument("--quick", action="store_true", help="fewer calls, and a short deadline instead of 10 s")
    parser.add_argument(
        "--markdown", type=Path, metavar="FILE", help="put the table between the marks in a document"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="append a line for each result")
    parser.add_argument("--keep", type=Path, metavar="DIRECTORY", help="keep logs and data there")
    return parser.parse_args()


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
