"""The Ringback that the demo talks to: the one that runs, or one of its own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests

from config.settings import DEFAULTS
from webhooks_local.child_process import tethered
from webhooks_local.keys import ADMIN_KEY, PRODUCER_KEYS, ensure_keys
from webhooks_local.run.banner import READY_SECONDS, base_url, wait_until_ready
from webhooks_local.run.processes import STOP_SECONDS
from webhooks_local.run.run_file import find_local_run

VAR = Path("var")
LOG = VAR / "demo.log"


class DemoFailedError(Exception):
    """The demo cannot go on; the message says why."""


@dataclass(frozen=True)
class Stack:
    """A running Ringback.

    Attributes:
        url: where its API is.
        admin_key: makes accounts.
        producer_key: sends events.
    """

    url: str
    admin_key: str
    producer_key: str


@contextmanager
def running_stack(environment: Mapping[str, str]) -> Iterator[Stack]:
    """Give the `make run` of this directory, or what answers at PORT; else start one and stop it at the end.

    Args:
        environment: its PORT, WEBHOOKS_HOST and keys are honoured; keys not set are those in `var/keys.env`.

    Raises:
        DemoFailedError: none runs and none starts.
    """
    settings = {**DEFAULTS, **{name: value for name, value in environment.items() if value.strip()}}
    run = find_local_run(VAR)
    runs = run is not None and run.runs
    url = run.url if run and runs else base_url(settings["WEBHOOKS_HOST"], int(settings["PORT"]))
    keys = ensure_keys(VAR, environment)
    stack = Stack(url, keys[ADMIN_KEY], keys[PRODUCER_KEYS].split(",")[0].strip())
    if runs or _answers(url):
        print(f"Using the Ringback at {url}.")
        _wait(url, None)
        yield stack
        return
    print(f"Starting Ringback at {url}; its output is in {LOG}.")
    with LOG.open("wb") as log:
        process = subprocess.Popen(  # noqa: S603 - a list, no shell
            tethered([sys.executable, "-m", "webhooks_local.run"]),
            stdout=log,
            stderr=log,
            start_new_session=True,  # Ctrl-C is the demo's; it stops this one in its turn
        )
    try:
        _wait(url, process)
        yield stack
    finally:
        print("Stopping Ringback.")
        process.terminate()
        # Its processes have their time to stop, then Redis has.
        process.wait(STOP_SECONDS + 20)


def _answers(url: str) -> bool:
    with requests.Session() as session:
        session.trust_env = False  # a proxy for the Internet does not lead to this machine
        try:
            return session.get(f"{url}/healthz", timeout=5).status_code == 200
        except requests.RequestException:
            return False


def _wait(url: str, process: subprocess.Popen[bytes] | None) -> None:
    """Return when the API is ready; `process` is what starts it, and must not end before."""
    try:
        wait_until_ready(url, READY_SECONDS, given_up=lambda: process is not None and process.poll() is not None)
    except TimeoutError as error:
        reason = str(error)
        if process is not None:
            tail = "\n".join(LOG.read_text(errors="replace").splitlines()[-15:])
            reason = f"{reason}\nThe end of {LOG}:\n{tail}"
        raise DemoFailedError(reason) from error
