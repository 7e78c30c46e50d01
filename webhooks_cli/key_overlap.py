"""How long the key before a new one stays valid: an option that the commands which replace keys share."""

from __future__ import annotations

import click

grace_option = click.option(
    "--grace-seconds",
    type=int,
    metavar="SECONDS",
    help="How long the old key stays valid: 24 hours if left out, 30 days at most. 0 ends all older keys now.",
)
