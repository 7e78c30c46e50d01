"""Where commands take the time from: the context's object, which tests hand in, else the system."""

from __future__ import annotations

import click

from webhooks_client.retries import SYSTEM_CLOCK, Clock


def clock() -> Clock:
    """Return the clock of the command that runs."""
    return click.get_current_context().find_object(Clock) or SYSTEM_CLOCK
