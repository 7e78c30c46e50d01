"""`webhooks secret`: the signing secret of a profile, and the options that pass a secret to a command."""

from __future__ import annotations

import functools
import sys
from pathlib import Path
from typing import Any

import click

from webhooks_cli.api import Api
from webhooks_cli.callers import Command, as_customer
from webhooks_cli.output import json_option, print_answer
from webhooks_cli.streams import is_terminal


def _read_secret(_: click.Context, __: click.Parameter, file: Path | None) -> str | None:
    """Return the secret in a file; - is standard input."""
    if file is None:
        return None
    try:
        with click.open_file(str(file), "rb") as stream:
            secret: str = stream.read().decode().removesuffix("\n").removesuffix("\r")
    except UnicodeDecodeError:
        raise click.BadParameter("must hold UTF-8.") from None
    except OSError as error:
        raise click.FileError(str(file), error.strerror) from None
    if not secret:
        raise click.BadParameter("must not be empty.")
    return secret


secret_file = click.option(
    "--secret-file",
    type=click.Path(dir_okay=False, allow_dash=True, path_type=Path),
    callback=_read_secret,
    metavar="FILE",
    help="A file with the signing secret as its only line; - is standard input.",
)


def secret_options(command: Command) -> Command:
    """Pass a command the `secret` from a file, the environment or its command line; None if there is none."""

    @secret_file
    @click.option(
        "--secret",
        envvar="WEBHOOKS_SECRET",
        show_envvar=True,
        metavar="SECRET",
        help="The signing secret. Other users can see the command line: better set the variable.",
    )
    @functools.wraps(command)
    def run(*arguments: Any, secret: str | None, secret_file: str | None, **options: Any) -> None:
        command(*arguments, secret=secret_file or secret, **options)

    return run


@click.group()
def secret() -> None:
    """Set the secret that signs webhooks, and end the previous one."""


@secret.command("set")
@secret_options
@json_option
@as_customer
def set_secret(api: Api, secret: str | None, as_json: bool) -> None:
    """Set the secret that signs all webhooks of the profile. Without one of the options it is asked for.

    The previous secret signs too for 24 hours.
    """
    print_answer(api.post("hook", "webhook", "secret", secret=secret or _ask()), as_json=as_json)


def _ask() -> str:
    """Ask for the secret twice at the terminal, and return it.

    Raises:
        click.UsageError: standard input is not a terminal.
    """
    if not is_terminal(sys.stdin):
        raise click.UsageError(
            "The secret is missing: give --secret-file (- is standard input), or set WEBHOOKS_SECRET. "
            "It is asked for on a terminal only."
        )
    typed: str = click.prompt("Secret", hide_input=True, confirmation_prompt=True, err=True)
    return typed


@secret.command("end-grace")
@json_option
@as_customer
def end_rotation_window(api: Api, as_json: bool) -> None:
    """End the previous secret at once, before its 24 hours are over.

    Only the current secret signs from then on.
    """
    print_answer(api.delete("hook", "webhook", "secret"), as_json=as_json)
