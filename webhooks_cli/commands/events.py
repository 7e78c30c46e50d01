"""`webhooks events`: a producer sends events from a file."""

from __future__ import annotations

import re
import secrets
import sys
from collections.abc import Iterator
from typing import Any, BinaryIO

import click

from webhooks_cli.api import check_reachable
from webhooks_cli.callers import as_producer
from webhooks_cli.current_clock import current_clock
from webhooks_cli.event_files import EventFile, NotEventsError, read_events
from webhooks_cli.output import in_json, note, print_fields, printable
from webhooks_cli.sending import Result, Summary, send_entries
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
    help="A name for this run. If the same file is sent again under it within 24 hours, no event is stored twice.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the result of each event as a line of JSON.")
@as_producer
def send(url: str, key: str, file: BinaryIO, run: str, as_json: bool) -> None:
    """Send the events in FILE; - is standard input.

    FILE is one JSON object, {"events": [...]}, a JSON array, or an object on each line (NDJSON). The others are
    sent if an event is refused; the exit code is 1 then.
    """
    source = _read(file)
    check_reachable(url)
    summary, failure = Summary(), None
    with Client(url, key, clock=current_clock()) as client:
        try:
            for entry, result in _with_bar(send_entries(client, source.entries, run), source.count):
                summary.add(entry, result)
                if as_json:
                    _print_result(source.unit, (entry, result))
        except BrokenPipeError:
            note(f"The reader of the results has closed the pipe. {_how_to_resume(run)}")
            raise
        except (ClientError, KeyboardInterrupt) as error:
            failure = error
    if not as_json:
        _print_summary(summary, source)
    if failure is not None:
        note(_explain(failure, summary, source, run))
    sys.exit(130 if isinstance(failure, KeyboardInterrupt) else bool(failure or summary.refusals))


def _read(file: BinaryIO) -> EventFile:
    try:
        return read_events(file)
    except NotEventsError as error:
        raise click.ClickException(f"{file.name} {error}") from None


def _with_bar(results: Iterator[Result], count: int | None) -> Iterator[Result]:
    """Yield each result; if standard error is a terminal, it shows a progress bar."""
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
    """Print the receipt of a single event, or the number of events in each state."""
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


def _explain(failure: BaseException, summary: Summary, source: EventFile, run: str) -> str:
    """Return why sending stopped, and how to resume it."""
    if isinstance(failure, Unauthorized):
        return f"Error: {failure}"
    reason = "Interrupted." if isinstance(failure, KeyboardInterrupt) else f"Error: {printable(failure)}"
    return f"{reason} {summary.sent} of {source.count or 'all'} events are known to be sent. {_how_to_resume(run)}"


def _how_to_resume(run: str) -> str:
    return f"Send all again with --run {run}, within 24 hours, and none is stored twice."
