"""Which deliveries a command is about: options that the list and the recovery share."""

from __future__ import annotations

import click

from webhooks.deliveries import State
from webhooks_cli.callers import Command
from webhooks_cli.moments import Moment

_OPTIONS = (
    click.option("--since", type=Moment(), help="Not older: 30m, 2h, 7d, or ISO 8601."),
    click.option("--until", type=Moment(), help="Not newer."),
    click.option("--action", metavar="ACTION", help="Of this action."),
    click.option("--state", metavar="STATE", help=f"{', '.join(State)}."),
)


def selection_options(command: Command) -> Command:
    """Give a command the options `since`, `until`, `action` and `state`, each None if it is not given."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command
