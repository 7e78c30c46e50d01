"""The option for the key overlap, the time for which a replaced key stays valid."""

from __future__ import annotations

import click

key_overlap_option = click.option(
    "--grace-seconds",
    type=int,
    metavar="SECONDS",
    help="How long the old key stays valid: 24 hours by default, 30 days at most. 0 ends all older keys now.",
)
