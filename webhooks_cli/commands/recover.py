"""`webhooks recover`: sends failed deliveries again in the background."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import click

from webhooks.deliveries.delivery import ENDED
from webhooks_cli.answer_shapes import Recovery
from webhooks_cli.api import Api, ApiError
from webhooks_cli.callers import as_customer
from webhooks_cli.current_clock import current_clock
from webhooks_cli.delivery_filters import delivery_filter_options
from webhooks_cli.output import json_option, note, print_answer
from webhooks_cli.streams import is_terminal

#: The rate limit gives a profile one call a second.
_POLL_SECONDS = 1.0
#: Seconds for which the API may be unavailable or busy.
_MAX_OUTAGE = 60.0


@click.command()
@delivery_filter_options(ENDED)
@click.option("--watch", "recovery_id", metavar="ID", help="Watch this recovery, and begin no other.")
@click.option("--no-wait", is_flag=True, help="Do not wait for the end.")
@json_option
@as_customer
def recover(api: Api, recovery_id: str | None, no_wait: bool, as_json: bool, **filters: str | None) -> None:
    """Send all matching deliveries again.

    This happens in the background, and the command waits for its end. Either --since or --watch must be given.
    Without --state, exhausted deliveries are sent. The exit code is 1 if some failed.
    """
    if recovery_id is None and filters["since"] is None:
        raise click.UsageError("Give --since, or --watch.")
    if recovery_id is not None and any(filters.values()):
        raise click.UsageError("--watch takes no selection.")
    if recovery_id is None:
        recovery = api.post("hook", "recover", shape=Recovery, **filters)
    else:
        recovery = api.get("hook", "recover", recovery_id, shape=Recovery)
    if not no_wait:
        recovery = _wait(api, recovery)
    print_answer(recovery, as_json=as_json)
    sys.exit(bool(recovery["failed"]))


def _wait(api: Api, recovery: dict[str, Any]) -> dict[str, Any]:
    """Return the recovery when it has ended; if standard error is a terminal, it shows a progress bar."""
    try:
        with click.progressbar(
            length=100, label="Recovering", file=sys.stderr, hidden=not is_terminal(sys.stderr)
        ) as bar:
            for latest in _progress(api, recovery):
                recovery = latest
                bar.update(max(0, int(recovery["percent"]) - bar.pos))
    except (ApiError, KeyboardInterrupt):
        note(f"The recovery continues. To watch it: webhooks recover --watch {recovery['id']}")
        raise
    return recovery


def _progress(api: Api, recovery: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the recovery after each poll until it has ended.

    Raises:
        ApiError: the API refuses the call, or has been unavailable for a minute.
    """
    clock = current_clock()
    last_answer = clock.now()
    yield recovery
    while recovery["state"] == "running":
        clock.sleep(_POLL_SECONDS)
        try:
            recovery = api.get("hook", "recover", recovery["id"], shape=Recovery)
        except ApiError as error:
            if not error.is_temporary or clock.now() - last_answer > _MAX_OUTAGE:
                raise
            continue
        last_answer = clock.now()
        yield recovery
