"""`webhooks history`: what was sent to the webhooks of a profile."""

from __future__ import annotations

import click

from webhooks.actions import CATALOGUE
from webhooks_cli.answer_shapes import History
from webhooks_cli.api import Api
from webhooks_cli.callers import as_customer
from webhooks_cli.completion import one_of
from webhooks_cli.output import json_option, print_json, print_table
from webhooks_cli.times import shown_moment


@click.command()
@click.argument("action", required=False, shell_complete=one_of(CATALOGUE))
@click.option("--limit", type=click.IntRange(min=1), help="Only so many of each action.")
@json_option
@as_customer
def history(api: Api, action: str | None, limit: int | None, as_json: bool) -> None:
    """Show what was sent to webhooks, by action, the newest first.

    Without ACTION, of every action. There are up to 250 of each; --json has the payloads. All that was sent, and
    what came of it, is in `webhooks deliveries list`.
    """
    answer = api.get("hook", "history", shape=History, action=action)
    sent = {name: payloads[:limit] for name, payloads in answer.items()}
    if as_json:
        print_json(sent)
        return
    rows = [
        (shown_moment(payload["timeStamp"]), name, payload["hookId"], payload["retry"])
        for name, payloads in sent.items()
        for payload in payloads
    ]
    print_table(("when", "action", "hookId", "retry"), rows)
