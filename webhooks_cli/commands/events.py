"""`webhooks events`: a producer sends events from a file."""

from __future__ import annotations

import re
import secrets
import sys
from collections.abc import Iterator
from typing import Any, BinaryIO

import click

from webhooks_cli.api import check_answers
from webhooks_cli.callers import as_producer
from webhooks_cli.current_clock import clock
from webhooks_cli.event_files import EventFile, NotEventsError, read_events
from webhooks_cli.output import in_json, note, print_fields, printable
from webhooks_cli.sending import Result, Summary, sent
from webhooks_cli.streams import is_terminal
from webhooks_client import Client, ClientError, Rejection, Unauthorized


@click.group()
def events() -> None:
    """Send events from a file."""


def _check_run(_: click.Context, __: click.Parameter, value: str | None) -> str:
    if value is not None and not re.fullmatch("[!-~]{1,200}", value):
        raise click.BadParameter("must be 1 to 200 printable ASCII characters without spaces.")
    return value or secrets.token_hex(6)


@events.command()
@click.argument("file", type=click.File("rb"))
@click.option(
    "--run",
    metavar="NAME",
    callback=_check_run,
    help="A name for this run. The same file sent again under it, within 24 hours, doubles no event.",
)
@click.option("--json", "as_json", is_flag=True, help="Print what became of each event, by the line.")
@as_producer
def send(url: str, key: str, file: BinaryIO, run: str, as_json: bool) -> None:
    """Send the events in FILE; - is standard input.

    FILE is one JSON object, {"events": [...]}, a JSON array, or an object on each line (NDJSON). A refused event
    costs the others nothing; the exit code is 1 then.
    """
    source = _read(file)
    check_answers(url)
    summary, trouble = Summary(), None
    with Client(url, key, clock=clock()) as client:
        try:
            for entry, result in _with_bar(sent(client, source.entries, run), source.count):
                summary.add(entry, result)
                if as_json:
                    _print_result(source.unit, (entry, result))
        except BrokenPipeError:
            note(f"Nobody reads the results any more. {_how_to_go_on(run)}")
            raise
        except (ClientError, KeyboardInterrupt) as error:
            trouble = error
    if not as_json:
        _print_summary(summary, source)
    if trouble is not None:
        note(_explain(trouble, summary, source, run))
    sys.exit(130 if isinstance(trouble, KeyboardInterrupt) else bool(trouble or summary.refusals))


def _read(file: BinaryIO) -> EventFile:
    try:
        return read_events(file)
    except NotEventsError as error:
        raise click.ClickException(f"{file.name} {error}") from None


def _with_bar(results: Iterator[Result], count: int | None) -> Iterator[Result]:
    """Yield each, above a bar on a terminal's standard error."""
    with click.progressbar(
        results, length=count, label="Sending", show_pos=True, file=sys.stderr, hidden=not is_terminal(sys.stderr)
    ) as bar:
        yield from bar


def _print_result(unit: str, result: Result) -> None:
    entry, outcome = result
    line: dict[str, Any] = {unit: entry.number}
    if isinstance(outcome, Rejection):
        line |= {"status": "error", "code": outcome.code, "message": outcome.message, "errors": outcome.errors}
    else:
        line |= {"status": "success", "hookId": outcome.hook_id, "action": outcome.action}
        line |= {"refId": outcome.ref_id, "state": outcome.state, "duplicate": outcome.duplicate}
    click.echo(in_json(line))


def _print_summary(summary: Summary, source: EventFile) -> None:
    """Print the receipt of a single event, or how many there are in each state."""
    if source.count == 1 and summary.last is not None:
        print_fields({"hookId": summary.last.hook_id, "refId": summary.last.ref_id, "state": summary.last.state})
        return
    click.echo(f"sent: {summary.sent}")
    for state, count in summary.states.items():
        click.echo(f"  {printable(state)}: {count}")
    if summary.duplicates:
        click.echo(f"  of these, sent before: {summary.duplicates}")
    click.echo(f"refused: {len(summary.refusals)}")
    for number, reason in summary.refusals:
        click.echo(f"  {source.unit} {number}: {printable(reason)}")


def _explain(trouble: BaseException, summary: Summary, source: EventFile, run: str) -> str:
    """Return what broke off sending, and how to go on."""
    if isinstance(trouble, Unauthorized):
        return f"Error: {trouble}"
    why = "Interrupted." if isinstance(trouble, KeyboardInterrupt) else f"Error: {printable(trouble)}"
    return f"{why} {summary.sent} of {source.count or 'all'} events are known to be sent. {_how_to_go_on(run)}"


def _how_to_go_on(run: str) -> str:
    return f"Send all again with --run {run}, within 24 hours, and none is stored twice."
