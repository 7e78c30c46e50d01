"""The `make run` of the current directory: its URL, and an explanation when it does not answer."""

from __future__ import annotations

from pathlib import Path

from config.settings import DEFAULTS
from webhooks_client.base_url import is_here, read_base_url
from webhooks_local.run.banner import base_url
from webhooks_local.run.run_file import find_local_run, run_file

VAR = Path("var")
DEFAULT_URL = base_url(DEFAULTS["WEBHOOKS_HOST"], int(DEFAULTS["PORT"]))


def local_url() -> str:
    """Return the URL of the latest `make run` of this directory; the default if there was none.

    Raises:
        OSError: the file that contains the URL cannot be read.
        ValueError: the file contains something else.
    """
    run = find_local_run(VAR)
    try:
        return DEFAULT_URL if run is None else read_base_url(run.url)
    except ValueError as error:
        raise ValueError(f"{run_file(VAR)}: {error}") from None


def explain_no_answer(url: str) -> str:
    """Return a sentence that says why there may be no answer at a URL."""
    run = find_local_run(VAR) if is_here(url) else None
    if run is None:
        return "Does Ringback run there?"
    if not run.is_running:
        return f"The `make run` of this directory has ended; it was at {run.url}."
    if run.url != url:
        return f"The `make run` of this directory is at {run.url}."
    return "The `make run` of this directory is still starting, or stopping."
