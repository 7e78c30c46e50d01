"""The options for the URL of the API and for the caller's key, as decorators of commands."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from typing import Any, TypeAlias

import click

from webhooks_cli.api import Api
from webhooks_cli.keys import ADMIN, CUSTOMER, PRODUCER, KeyKind
from webhooks_cli.local_run import DEFAULT_URL, local_url
from webhooks_client.base_url import read_base_url

Command: TypeAlias = Callable[..., None]


def as_operator(command: Command) -> Command:
    """Pass a command an `api` that calls as the operator."""

    @_URL
    @_key_option(ADMIN, "The operator's key.")
    @functools.wraps(command)
    def run(url: str, key: str | None, **options: Any) -> None:
        with Api(url, ADMIN.find(key, url)) as api:
            command(api, **options)

    return run


def as_customer(command: Command) -> Command:
    """Pass a command an `api` that calls for a profile of a customer."""
    return _for_profile(command)


def as_user_profile(command: Command) -> Command:
    """Pass a command an `api` that calls for a user profile of a customer, and never for the primary profile."""
    return _for_profile(command, needs_key=True)


def _for_profile(command: Command, *, needs_key: bool = False) -> Command:
    @_URL
    @_key_option(CUSTOMER, "The account's key.")
    @_PROFILE_KEY
    @functools.wraps(command)
    def run(url: str, key: str | None, profile_key: str | None, **options: Any) -> None:
        if needs_key and not profile_key:
            raise click.UsageError("The Profile-Key is missing: set WEBHOOKS_PROFILE_KEY, or give --profile-key.")
        with Api(url, CUSTOMER.find(key, url), profile_key) as api:
            command(api, **options)

    return run


def as_producer(command: Command) -> Command:
    """Pass a command the `url` of the API and the producer's `key`."""

    @_URL
    @_key_option(PRODUCER, "A producer's key.")
    @functools.wraps(command)
    def run(url: str, key: str | None, **options: Any) -> None:
        command(url, PRODUCER.find(key, url), **options)

    return run


def _read_url(_: click.Context, __: click.Parameter, value: str | None) -> str:
    try:
        return local_url() if value is None else read_base_url(value)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


def _check_key(_: click.Context, __: click.Parameter, value: str | None) -> str | None:
    if value is not None and not re.fullmatch("[!-~]+", value):
        raise click.BadParameter("must be printable ASCII without spaces.")  # the message does not quote the key
    return value


_URL = click.option(
    "--url",
    envvar="WEBHOOKS_URL",
    show_envvar=True,
    metavar="URL",
    callback=_read_url,
    help=f"Where the API is. Without it: the `make run` of this directory, else {DEFAULT_URL}.",
)
_PROFILE_KEY = click.option(
    "--profile-key",
    envvar="WEBHOOKS_PROFILE_KEY",
    show_envvar=True,
    metavar="KEY",
    callback=_check_key,
    help="The key of a user profile. Without it the primary profile is used.",
)


def _key_option(kind: KeyKind, description: str) -> Callable[[Command], Command]:
    return click.option(
        kind.option,
        "key",
        envvar=kind.variable,
        show_envvar=True,
        metavar="KEY",
        callback=_check_key,
        help=description,
    )
