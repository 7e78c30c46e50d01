"""`webhooks secrets`: the stored signing secrets of all profiles."""

from __future__ import annotations

import sys
from typing import Any

import click

from config.settings import Settings, SettingsError
from webhooks.errors import RingbackError
from webhooks.signing.reseal import Report, Resealer
from webhooks.signing.secret_box import SecretBox
from webhooks.store.connection import connect
from webhooks.store.secrets import RedisSecrets
from webhooks_cli.streams import is_terminal


class _Failed(click.ClickException):
    """The command failed; exit code 1 means that it found unreadable secrets."""

    exit_code = 2


class _Group(click.Group):
    def invoke(self, ctx: click.Context) -> Any:
        """Run a subcommand; its errors are printed in one line."""
        try:
            return super().invoke(ctx)
        except (SettingsError, RingbackError) as error:
            raise _Failed(f"{error} ({error.__cause__})" if error.__cause__ else str(error)) from error


@click.group(cls=_Group)
def secrets() -> None:
    """Re-encrypt the stored signing secrets.

    The settings come from the environment, as for Ringback's processes.
    """


@secrets.command()
def reseal() -> None:
    """Encrypt all signing secrets with the first of WEBHOOKS_SECRET_KEYS.

    It may be run at any time, and repeated, while Ringback runs. The exit code is 1 if none of the keys opens some
    of the secrets, and 2 if the command failed.
    """
    settings = Settings.from_environment()
    with connect(settings.redis.url, settings.redis.sentinels) as redis:
        report = _reseal(Resealer(RedisSecrets(redis), SecretBox(settings.secret_keys)))
    click.echo(f"resealed: {report.resealed}")
    click.echo(f"already sealed with the first key: {report.already}")
    click.echo(f"unreadable: {len(report.unreadable)}")
    for ref_id in report.unreadable:
        click.echo(f"  {ref_id}")
    if report.unreadable:
        sys.exit(1)


def _reseal(resealer: Resealer) -> Report:
    """Reseal; if standard error is a terminal, it shows a progress bar."""
    with click.progressbar(
        length=resealer.page_count(), label="Resealing", file=sys.stderr, hidden=not is_terminal(sys.stderr)
    ) as bar:
        return resealer.reseal(on_page=lambda: bar.update(1))
