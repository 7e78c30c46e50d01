"""`webhooks profiles`: the user profiles of an account."""

from __future__ import annotations

import click

from webhooks_cli.answer_shapes import Profiles, WithRefId
from webhooks_cli.api import Api
from webhooks_cli.callers import as_customer, as_user_profile
from webhooks_cli.key_overlap import key_overlap_option
from webhooks_cli.output import json_option, note, print_answer, print_json, print_table


@click.group()
def profiles() -> None:
    """Add, list and remove user profiles, and replace their keys."""


@profiles.command()
@click.argument("title")
@json_option
@as_customer
def create(api: Api, title: str, as_json: bool) -> None:
    """Add a user profile, and show its Profile-Key this once."""
    print_answer(api.post("profiles", title=title), as_json=as_json)
    note("The Profile-Key is not shown again.")


@profiles.command("list")
@json_option
@as_customer
def list_profiles(api: Api, as_json: bool) -> None:
    """List the account's user profiles, the oldest first."""
    answer = api.get("profiles", shape=Profiles)
    if as_json:
        print_json(answer["profiles"])
    else:
        print_table(("refId", "title"), [(one["refId"], one["title"]) for one in answer["profiles"]])


@profiles.command()
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
@as_user_profile
def delete(api: Api, yes: bool, as_json: bool) -> None:
    """Remove the user profile of the Profile-Key, with its webhooks and its secret."""
    if not yes:
        ref_id = api.get("hook", "webhook", shape=WithRefId)["refId"]
        click.confirm(f"Remove the profile {ref_id} with its webhooks and its secret?", abort=True, err=True)
    print_answer(api.delete("profiles"), as_json=as_json)


@profiles.command("replace-key")
@key_overlap_option
@json_option
@as_user_profile
def replace_key(api: Api, grace_seconds: int | None, as_json: bool) -> None:
    """Replace the Profile-Key, and show the new one this once.

    Only the newest key can be replaced. A lost key is replaced by the operator.
    """
    print_answer(api.post("profiles", "key", graceSeconds=grace_seconds), as_json=as_json)
    note("The Profile-Key is not shown again.")
