"""`webhooks recover`: deliveries that failed, sent again in the background."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import click

from webhooks_cli.api import Api, ApiError
from webhooks_cli.callers import as_customer
from webhooks_cli.clock import clock
from webhooks_cli.output import is_terminal, json_option, note, print_answer
from webhooks_cli.selection import selection_options

#: As often as a profile's calls come back.
_POLL_SECONDS = 1.0
#: Seconds that the API may be away or busy while it is asked.
_PATIENCE = 60.0


@click.command()
@selection_options
@click.option("--watch", "job_id", metavar="ID", help="Begin nothing: watch a recovery that was begun before.")
@click.option("--no-wait", is_flag=True, help="Do not wait for the end.")
@json_option
@as_customer
def recover(api: Api, job_id: str | None, no_wait: bool, as_json: bool, **selection: str | None) -> None:
    """Send all deliveries again that match.

    That is a job in the background; the command waits for its end. Either --since or --watch must be given. The
    exit code is 1 if some failed.
    """
    if job_id is None and selection["since"] is None:
        raise click.UsageError("Give --since, or --watch.")
    if job_id is not None and any(selection.values()):
        raise click.UsageError("--watch takes no selection.")
    job = api.post("hook", "recover", **selection) if job_id is None else api.get("hook", "recover", job_id)
    if not no_wait:
        job = _wait(api, job)
    print_answer(job, as_json=as_json)
    sys.exit(bool(job["failed"]))


def _wait(api: Api, job: dict[str, Any]) -> dict[str, Any]:
    """Return the job when it has ended; meanwhile there is a bar on a terminal's standard error."""
    try:
        with click.progressbar(length=100, label="Recovering", file=sys.stderr, hidden=not is_terminal()) as bar:
            for seen in _progress(api, job):
                job = seen
                bar.update(max(0, int(job["percent"]) - bar.pos))
    except (ApiError, KeyboardInterrupt):
        note(f"The recovery goes on; to see how it does: webhooks recover --watch {job['id']}")
        raise
    return job


def _progress(api: Api, job: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield how the job stands, until it has ended.

    Raises:
        ApiError: the API refuses to tell, or did not for a minute.
    """
    time = clock()
    last_seen = time.now()
    yield job
    while job["state"] == "running":
        time.sleep(_POLL_SECONDS)
        try:
            job = api.get("hook", "recover", job["id"])
        except ApiError as error:
            if not error.is_passing or time.now() - last_seen > _PATIENCE:
                raise
            continue
        last_seen = time.now()
        yield job
