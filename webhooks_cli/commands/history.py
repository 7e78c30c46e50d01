"""`webhooks history`: the payloads sent to the webhooks of a profile."""

from __future__ import annotations

import click

from webhooks.actions import CATALOGUE
from webhooks_cli.answer_shapes import History
from webhooks_cli.api import Api
from webhooks_cli.callers import as_customer
from webhooks_cli.completion import one_of
from webhooks_cli.output import json_option, print_json, print_table
from webhooks_cli.times import format_time


@click.command()
@click.argument("action", required=False, shell_complete=one_of(CATALOGUE))
@click.option("--limit", type=click.IntRange(min=1), help="How many of each action at most.")
@json_option
@as_customer
def history(api: Api, action: str | None, limit: int | None, as_json: bool) -> None:
    """Show the payloads sent to webhooks, by action, the newest first.

    Without ACTION, of every action. There are up to 250 of each; --json prints the payloads. `webhooks deliveries
    list` has all deliveries with their results.
    """
    answer = api.get("hook", "history", shape=History, action=action)
    sent = {name: payloads[:limit] for name, payloads in answer.items()}
    if as_json:
        print_json(sent)
        return
    rows = [
        (format_time(payload["timeStamp"]), name, payload["hookId"], payload["retry"])
        for name, payloads in sent.items()
        for payload in payloads
    ]
    print_table(("when", "action", "hookId", "retry"), rows)
