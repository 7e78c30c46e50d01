"""`webhooks deliveries`: the delivery log, and sending deliveries again."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

import click

from webhooks.deliveries.delivery import State
from webhooks_cli.answer_shapes import Deliveries, Delivery, Resent
from webhooks_cli.api import Api, ApiError
from webhooks_cli.callers import as_customer
from webhooks_cli.delivery_filters import delivery_filter_options
from webhooks_cli.output import json_option, note, print_fields, print_json, print_table, printable

#: The limit of a page of the API.
_PAGE_SIZE = 100
#: Characters of the body of a receiver's answer that are printed.
_MAX_BODY = 400

_COLUMNS = ("hookId", "action", "state", "attempts", "last", "lastAttempt", "created", "refId")
_ATTEMPT_COLUMNS = ("attempt", "at", "status", "error", "detail", "ms")
_PHASES = ("dns", "connect", "tls", "firstByte")


@click.group()
def deliveries() -> None:
    """Show deliveries with their attempts, and send them again."""


@deliveries.command("list")
@delivery_filter_options(tuple(State))
@click.option(
    "--status-class",
    "statusClass",
    type=click.Choice(["2xx", "3xx", "4xx", "5xx", "none"]),
    help="By the status of the last attempt; none: it has no status.",
)
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True, help="How many at most.")
@click.option("--cursor", metavar="CURSOR", help="Continue where an earlier list ended.")
@json_option
@as_customer
def list_deliveries(api: Api, limit: int, cursor: str | None, as_json: bool, **filters: str | None) -> None:
    """List deliveries, the newest first."""
    listed, cursor = _pages(api, filters, limit, cursor)
    if as_json:
        print_json({"deliveries": listed, "cursor": cursor})
        return
    print_table(_COLUMNS, [[_column(delivery, name) for name in _COLUMNS] for delivery in listed])
    if cursor is not None:
        note(f"There are more: --cursor {printable(cursor)}")


@deliveries.command()
@click.argument("hook_id")
@json_option
@as_customer
def show(api: Api, hook_id: str, as_json: bool) -> None:
    """Show a delivery with every attempt. Times are in milliseconds, bodies in full with --json."""
    answer = api.get("hook", "deliveries", hook_id, shape=Delivery)
    if as_json:
        print_json(answer)
        return
    attempts = answer["attempts"]
    print_fields({name: value for name, value in answer.items() if name not in {"status", "attempts"}})
    if attempts:
        click.echo()
        print_table((*_ATTEMPT_COLUMNS, *_PHASES), [_attempt_row(attempt) for attempt in attempts])
    for attempt in attempts:
        if attempt.get("body"):
            click.echo(f"\nAnswer to attempt {attempt['attempt']}:\n  {_beginning(attempt['body'])}")


@deliveries.command()
@click.argument("hook_ids", metavar="HOOK_ID...", nargs=-1, required=True)
@json_option
@as_customer
def resend(api: Api, hook_ids: tuple[str, ...], as_json: bool) -> None:
    """Send deliveries again, each with its hookId and `retry` true. The exit code is 1 if one was refused."""
    queued, failed = [], False
    for hook_id in hook_ids:
        try:
            queued.append(api.post("hook", "deliveries", hook_id, "resend", shape=Resent))
        except ApiError as error:
            failed = True
            note(f"Error: {printable(hook_id)}: {error.message}")
    if as_json:
        print_json(queued)
    else:
        print_table(("hookId", "state"), [(answer["hookId"], answer["state"]) for answer in queued])
    sys.exit(failed)


def _pages(
    api: Api, filters: Mapping[str, str | None], limit: int, cursor: str | None
) -> tuple[list[dict[str, Any]], str | None]:
    """Return up to `limit` deliveries, and the cursor for the next ones; None if there are no more."""
    listed: list[dict[str, Any]] = []
    while True:
        size = min(_PAGE_SIZE, limit - len(listed))
        page = api.get("hook", "deliveries", shape=Deliveries, **filters, limit=size, cursor=cursor)
        listed += page["deliveries"]
        cursor = page["cursor"]
        if cursor is None or len(listed) >= limit:
            return listed, cursor


def _column(delivery: Mapping[str, Any], name: str) -> Any:
    if name != "last":
        return delivery[name]
    return delivery["lastStatus"] if delivery["lastStatus"] is not None else delivery["lastError"]


def _attempt_row(attempt: Mapping[str, Any]) -> list[Any]:
    phases = attempt.get("phases") or {}
    return [*(attempt.get(name) for name in _ATTEMPT_COLUMNS), *(phases.get(name) for name in _PHASES)]


def _beginning(body: str) -> str:
    """Return the first characters of a body as indented lines."""
    lines = [printable(line) for line in body[:_MAX_BODY].splitlines()]
    if len(body) > _MAX_BODY:
        lines.append(f"… and {len(body) - _MAX_BODY} more characters")
    return "\n  ".join(lines)
