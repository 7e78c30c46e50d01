"""The clock that commands use: the system's, or the one that a test passes as the object of Click's context."""

from __future__ import annotations

import click

from webhooks_client.retries import SYSTEM_CLOCK, Clock


def current_clock() -> Clock:
    """Return the clock for the running command."""
    return click.get_current_context().find_object(Clock) or SYSTEM_CLOCK
