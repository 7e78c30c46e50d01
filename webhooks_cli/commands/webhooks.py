"""`webhooks register`, `unregister`, `list` and `test`: the webhooks of a profile."""

from __future__ import annotations

import click

from webhooks.actions import CATALOGUE
from webhooks_cli.api import Api
from webhooks_cli.callers import as_customer
from webhooks_cli.commands.secret import secret_file
from webhooks_cli.completion import one_of
from webhooks_cli.output import json_option, print_answer, print_json, print_table


@click.command()
@click.argument("action", shell_complete=one_of(CATALOGUE))
@click.argument("webhook_url", metavar="URL")
@secret_file
@json_option
@as_customer
def register(api: Api, action: str, webhook_url: str, secret_file: str | None, as_json: bool) -> None:
    """Register a webhook: URL is called for events of ACTION.

    It replaces an earlier webhook. ACTION is scheduled, social, messages, batch or feed. One secret signs all
    webhooks of the profile; without --secret-file the present one stays.
    """
    answer = api.post("hook", "webhook", action=action, url=webhook_url, secret=secret_file)
    print_answer(answer, as_json=as_json)


@click.command()
@click.argument("action", shell_complete=one_of(CATALOGUE))
@json_option
@as_customer
def unregister(api: Api, action: str, as_json: bool) -> None:
    """Remove the webhook for ACTION. Deliveries that are owed to it end as canceled."""
    print_answer(api.delete("hook", "webhook", action=action), as_json=as_json)


@click.command("list")
@json_option
@as_customer
def list_webhooks(api: Api, as_json: bool) -> None:
    """List the webhooks of the profile."""
    answer = api.get("hook", "webhook")
    webhooks = [
        {"action": name, "url": url, "updated": answer[f"{name}Updated"]}
        for name, url in answer.items()
        if f"{name}Updated" in answer
    ]
    if as_json:
        print_json(webhooks)
    else:
        print_table(("action", "url", "updated"), [tuple(webhook.values()) for webhook in webhooks])


@click.command()
@click.argument("action", shell_complete=one_of(CATALOGUE))
@json_option
@as_customer
def test(api: Api, action: str, as_json: bool) -> None:
    """Send a sample event of ACTION to its webhook.

    It is marked as a test. `webhooks deliveries show` shows its result.
    """
    print_answer(api.post("hook", "webhook", "test", action=action), as_json=as_json)
