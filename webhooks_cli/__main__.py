"""`webhooks`, the command line: its commands are in `commands/`, what they share lies beside this module."""

from __future__ import annotations

import click

from webhooks_cli.commands.accounts import accounts
from webhooks_cli.commands.deliveries import deliveries
from webhooks_cli.commands.events import events
from webhooks_cli.commands.feeds import feeds
from webhooks_cli.commands.history import history
from webhooks_cli.commands.listen import listen
from webhooks_cli.commands.profiles import profiles
from webhooks_cli.commands.recover import recover
from webhooks_cli.commands.secret import secret
from webhooks_cli.commands.secrets import secrets
from webhooks_cli.commands.webhooks import list_webhooks, register, test, unregister
from webhooks_cli.sections import SectionedGroup


@click.group(cls=SectionedGroup)
@click.version_option(package_name="ringback")
def main() -> None:
    """Use and operate Ringback.

    Beside `make run` the keys under var/ are used. Elsewhere set WEBHOOKS_URL and the key that a command needs:
    its --help names the variable.
    """


main.add_section(
    "For developers, with an API key",
    register,
    unregister,
    list_webhooks,
    test,
    secret,
    profiles,
    feeds,
    deliveries,
    history,
    recover,
)
main.add_section("For developers, without a key", listen)
main.add_section("For producers, with a producer key", events)
main.add_section("For operators", accounts, secrets)

if __name__ == "__main__":
    main(prog_name="webhooks")
