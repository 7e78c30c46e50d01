"""`webhooks recover`: deliveries that failed, sent again in the background."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import click

from webhooks.deliveries.delivery import ENDED
from webhooks_cli.answer_shapes import Recovery
from webhooks_cli.api import Api, ApiError
from webhooks_cli.callers import as_customer
from webhooks_cli.current_clock import clock
from webhooks_cli.delivery_filters import selection_options
from webhooks_cli.output import json_option, note, print_answer
from webhooks_cli.streams import is_terminal

#: As often as a profile's calls come back.
_POLL_SECONDS = 1.0
#: Seconds that the API may be away or busy while it is asked.
_PATIENCE = 60.0


@click.command()
@selection_options(ENDED)
@click.option(
    "--watch", "recovery_id", metavar="ID", help="Begin nothing: watch a recovery that was begun before."
)
@click.option("--no-wait", is_flag=True, help="Do not wait for the end.")
@json_option
@as_customer
def recover(api: Api, recovery_id: str | None, no_wait: bool, as_json: bool, **selection: str | None) -> None:
    """Send all deliveries again that match.

    That is done in the background; the command waits for its end. Either --since or --watch must be given. Without
    --state those are sent that are exhausted. The exit code is 1 if some failed.
    """
    if recovery_id is None and selection["since"] is None:
        raise click.UsageError("Give --since, or --watch.")
    if recovery_id is not None and any(selection.values()):
        raise click.UsageError("--watch takes no selection.")
    if recovery_id is None:
        recovery = api.post("hook", "recover", shape=Recovery, **selection)
    else:
        recovery = api.get("hook", "recover", recovery_id, shape=Recovery)
    if not no_wait:
        recovery = _wait(api, recovery)
    print_answer(recovery, as_json=as_json)
    sys.exit(bool(recovery["failed"]))


def _wait(api: Api, recovery: dict[str, Any]) -> dict[str, Any]:
    """Return the recovery when it has ended; meanwhile there is a bar on a terminal's standard error."""
    try:
        with click.progressbar(
            length=100, label="Recovering", file=sys.stderr, hidden=not is_terminal(sys.stderr)
        ) as bar:
            for seen in _progress(api, recovery):
                recovery = seen
                bar.update(max(0, int(recovery["percent"]) - bar.pos))
    except (ApiError, KeyboardInterrupt):
        note(f"The recovery goes on; to see how it does: webhooks recover --watch {recovery['id']}")
        raise
    return recovery


def _progress(api: Api, recovery: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield how the recovery stands, until it has ended.

    Raises:
        ApiError: the API refuses to tell, or did not for a minute.
    """
    time = clock()
    last_seen = time.now()
    yield recovery
    while recovery["state"] == "running":
        time.sleep(_POLL_SECONDS)
        try:
            recovery = api.get("hook", "recover", recovery["id"], shape=Recovery)
        except ApiError as error:
            if not error.is_passing or time.now() - last_seen > _PATIENCE:
                raise
            continue
        last_seen = time.now()
        yield recovery
