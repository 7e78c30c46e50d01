"""The options that select deliveries, for the list and for the recovery."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import click

from webhooks.actions import CATALOGUE
from webhooks.deliveries.delivery import State
from webhooks_cli.callers import Command
from webhooks_cli.completion import one_of
from webhooks_cli.times import TimeParameter


def delivery_filter_options(states: Sequence[State]) -> Callable[[Command], Command]:
    """Give a command the options `since`, `until`, `action`, `refId` and `state`, each None if it is not given.

    Args:
        states: the values of `state`.
    """
    options = (
        click.option("--since", type=TimeParameter(), help="Not older: 30m, 2h, 7d (ago), or ISO 8601."),
        click.option("--until", type=TimeParameter(), help="Not newer."),
        click.option("--action", metavar="ACTION", shell_complete=one_of(CATALOGUE), help="Of this action."),
        click.option("--ref-id", "refId", metavar="REF_ID", help="Of this profile."),
        click.option("--state", metavar="STATE", shell_complete=one_of(states), help=f"{', '.join(states)}."),
    )

    def decorate(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate
