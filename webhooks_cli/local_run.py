"""The `make run` beside a command: where it is, and what to say when nobody answers there."""

from __future__ import annotations

from pathlib import Path

from config.settings import DEFAULTS
from webhooks_client.base_url import is_here, read_base_url
from webhooks_local.run.banner import base_url
from webhooks_local.run.run_file import find_local_run, run_file

VAR = Path("var")
DEFAULT_URL = base_url(DEFAULTS["WEBHOOKS_HOST"], int(DEFAULTS["PORT"]))


def local_url() -> str:
    """Return where the `make run` of this directory is, or was; the default if there was none.

    Raises:
        OSError: the file that says so cannot be read.
        ValueError: it holds something else.
    """
    run = find_local_run(VAR)
    try:
        return DEFAULT_URL if run is None else read_base_url(run.url)
    except ValueError as error:
        raise ValueError(f"{run_file(VAR)}: {error}") from None


def why_nobody_answers(url: str) -> str:
    """Return what may be the matter with a URL where nobody answers, in a sentence."""
    run = find_local_run(VAR) if is_here(url) else None
    if run is None:
        return "Does Ringback run there?"
    if not run.runs:
        return f"The `make run` of this directory has ended; it was at {run.url}."
    if run.url != url:
        return f"The `make run` of this directory is at {run.url}."
    return "The `make run` of this directory is still starting, or stopping."
