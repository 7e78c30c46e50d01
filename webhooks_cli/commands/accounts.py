"""`webhooks accounts`: an operator creates and changes accounts, and replaces keys."""

from __future__ import annotations

from typing import Any

import click

from webhooks.accounts.account import ADD_ONS, PLANS
from webhooks_cli.answer_shapes import WithApiKey
from webhooks_cli.api import Api
from webhooks_cli.callers import as_operator
from webhooks_cli.completion import one_of
from webhooks_cli.key_overlap import key_overlap_option
from webhooks_cli.keys import CUSTOMER_FILE, store_api_key
from webhooks_cli.output import json_option, note, print_answer

_PLAN = click.option("--plan", metavar="PLAN", shell_complete=one_of(PLANS), help=f"{', '.join(PLANS)}.")
_ADD_ON = click.option(
    "--add-on",
    "add_ons",
    multiple=True,
    metavar="ADD-ON",
    shell_complete=one_of(ADD_ONS),
    help=f"{', '.join(ADD_ONS)}. May be repeated.",
)
_ALT_EMAIL = click.option(
    "--alt-email",
    "alt_emails",
    multiple=True,
    metavar="ADDRESS",
    help="Gets notices instead of the e-mail address. May be repeated.",
)


@click.group()
def accounts() -> None:
    """Open, show and change accounts, and replace keys."""


@accounts.command()
@click.option("--title", required=True, metavar="TEXT", help="The name of the account and its primary profile.")
@click.option("--email", required=True, metavar="ADDRESS", help="Where notices go.")
@_ALT_EMAIL
@_PLAN
@_ADD_ON
@json_option
@as_operator
def create(
    api: Api,
    *,
    title: str,
    email: str,
    alt_emails: tuple[str, ...],
    plan: str | None,
    add_ons: tuple[str, ...],
    as_json: bool,
) -> None:
    """Open an account, and show its API key this once.

    Beside `make run` the key is kept in var/customer.env as well, where developers' commands find it.
    """
    account = {
        "title": title,
        "email": email,
        "altEmails": list(alt_emails),
        "plan": plan,
        "addOns": list(add_ons),
    }
    answer = api.post("admin", "accounts", shape=WithApiKey, **account)
    print_answer(answer, as_json=as_json)
    _store(api, answer["apiKey"])


@accounts.command()
@click.argument("ref_id")
@json_option
@as_operator
def show(api: Api, ref_id: str, as_json: bool) -> None:
    """Show an account."""
    print_answer(api.get("admin", "accounts", ref_id), as_json=as_json)


@accounts.command()
@click.argument("ref_id")
@click.option("--email", metavar="ADDRESS", help="Where notices go.")
@_ALT_EMAIL
@click.option("--no-alt-emails", is_flag=True, help="Remove all of these.")
@_PLAN
@_ADD_ON
@click.option("--no-add-ons", is_flag=True, help="Remove all of these.")
@json_option
@as_operator
def update(
    api: Api,
    *,
    ref_id: str,
    email: str | None,
    alt_emails: tuple[str, ...],
    no_alt_emails: bool,
    plan: str | None,
    add_ons: tuple[str, ...],
    no_add_ons: bool,
    as_json: bool,
) -> None:
    """Change an account. What is left out stays; options that may be repeated replace the whole list."""
    change = {
        "email": email,
        "plan": plan,
        "altEmails": _replacement("--alt-email", alt_emails, no_alt_emails),
        "addOns": _replacement("--add-on", add_ons, no_add_ons),
    }
    if all(value is None for value in change.values()):
        raise click.UsageError("There is nothing to change.")
    print_answer(api.patch("admin", "accounts", ref_id, **change), as_json=as_json)


@accounts.command("replace-key")
@click.argument("ref_id")
@key_overlap_option
@json_option
@as_operator
def replace_key(api: Api, ref_id: str, grace_seconds: int | None, as_json: bool) -> None:
    """Give an account another API key, and show it this once.

    The old one stays valid for a while. The new one is kept where `webhooks accounts create` keeps it.
    """
    answer = api.post("admin", "accounts", ref_id, "key", shape=WithApiKey, graceSeconds=grace_seconds)
    print_answer(answer, as_json=as_json)
    _store(api, answer["apiKey"])


@accounts.command("replace-profile-key")
@click.argument("ref_id")
@key_overlap_option
@json_option
@as_operator
def replace_profile_key(api: Api, ref_id: str, grace_seconds: int | None, as_json: bool) -> None:
    """Replace a Profile-Key that was lost.

    REF_ID is a user profile of any account. The new key is shown this once.
    """
    print_answer(api.post("admin", "profiles", ref_id, "key", graceSeconds=grace_seconds), as_json=as_json)
    note("The Profile-Key is not shown again.")


def _store(api: Api, key: str) -> None:
    """Store a new API key if it belongs to the Ringback of this machine, and print whether it was stored."""
    try:
        is_kept = store_api_key(api, key)
    except OSError as error:  # the key is valid all the same, and has been printed
        note(f"The API key is not shown again; it could not be kept in {CUSTOMER_FILE}: {error.strerror}.")
        return
    note(f"The API key is kept in {CUSTOMER_FILE}." if is_kept else "The API key is not shown again.")


def _replacement(option: str, values: tuple[str, ...], remove_all: bool) -> list[Any] | None:
    """Return the new list; None if the present one stays."""
    if values and remove_all:
        raise click.UsageError(f"{option} and its opposite exclude each other.")
    return list(values) if values or remove_all else None
