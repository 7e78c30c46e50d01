"""`webhooks`, the operator's command; each module here is one of its subcommands."""

from __future__ import annotations

from typing import Any

import click

from config.settings import SettingsError
from webhooks.errors import RingbackError
from webhooks_cli.secrets import secrets


class _Failed(click.ClickException):
    """The command could not do its work; exit code 1 is left to what it found."""

    exit_code = 2


class _Command(click.Group):
    def invoke(self, ctx: click.Context) -> Any:
        """Run a subcommand; what stands in its way is told in one line."""
        try:
            return super().invoke(ctx)
        except (SettingsError, RingbackError) as error:
            raise _Failed(f"{error} ({error.__cause__})" if error.__cause__ else str(error)) from error


@click.group(cls=_Command)
def main() -> None:
    """Tend a Ringback. The settings come from the environment, as for its processes."""


main.add_command(secrets)

if __name__ == "__main__":
    main(prog_name="webhooks")
