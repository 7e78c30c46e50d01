"""`webhooks secrets`: the signing secrets at rest."""

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
    """The command could not do its work; exit code 1 is left to what it found."""

    exit_code = 2


class _Group(click.Group):
    def invoke(self, ctx: click.Context) -> Any:
        """Run a subcommand; what stands in its way is told in one line."""
        try:
            return super().invoke(ctx)
        except (SettingsError, RingbackError) as error:
            raise _Failed(f"{error} ({error.__cause__})" if error.__cause__ else str(error)) from error


@click.group(cls=_Group)
def secrets() -> None:
    """Encrypt the signing secrets at rest anew.

    The settings come from the environment, as for Ringback's processes.
    """


@secrets.command()
def reseal() -> None:
    """Encrypt all signing secrets with the first of WEBHOOKS_SECRET_KEYS.

    It may be run at any time, and again, while everything else runs. The exit code is 1 if there are secrets that
    none of the keys opens, and 2 if it could not be done.
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


def _reseal(resealing: Resealer) -> Report:
    """Reseal, with a bar on a terminal's standard error."""
    with click.progressbar(
        length=resealing.page_count(), label="Resealing", file=sys.stderr, hidden=not is_terminal(sys.stderr)
    ) as bar:
        return resealing.reseal(on_page=lambda: bar.update(1))
