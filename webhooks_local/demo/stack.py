"""The Ringback that the demo uses: a running one, or one that it starts."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests

from config.settings import DEFAULTS
from webhooks_local.child_process import ending_with_parent
from webhooks_local.keys import ADMIN_KEY, PRODUCER_KEYS, ensure_keys
from webhooks_local.run.banner import READY_SECONDS, base_url, wait_until_ready
from webhooks_local.run.processes import STOP_SECONDS
from webhooks_local.run.run_file import find_local_run

VAR = Path("var")
LOG = VAR / "demo.log"


class DemoFailedError(Exception):
    """The demo cannot continue; the message says why."""


@dataclass(frozen=True)
class Stack:
    """A running Ringback.

    Attributes:
        url: the base URL of its API.
        admin_key: creates accounts.
        producer_key: sends events.
    """

    url: str
    admin_key: str
    producer_key: str


@contextmanager
def running_stack(environment: Mapping[str, str]) -> Iterator[Stack]:
    """Yield the `make run` of this directory, or else the Ringback at PORT.

    If there is neither, one is started, and stopped at the end.

    Args:
        environment: may set PORT, WEBHOOKS_HOST and keys; other keys are those in `var/keys.env`.

    Raises:
        DemoFailedError: no Ringback runs, and none can be started.
    """
    settings = {**DEFAULTS, **{name: value for name, value in environment.items() if value.strip()}}
    run = find_local_run(VAR)
    is_running = run is not None and run.is_running
    url = run.url if run and is_running else base_url(settings["WEBHOOKS_HOST"], int(settings["PORT"]))
    keys = ensure_keys(VAR, environment)
    stack = Stack(url, keys[ADMIN_KEY], keys[PRODUCER_KEYS].split(",")[0].strip())
    if is_running or _answers(url):
        print(f"Using the Ringback at {url}.")
        _wait(url, None)
        yield stack
        return
    print(f"Starting Ringback at {url}; its output is in {LOG}.")
    with LOG.open("wb") as log:
        process = subprocess.Popen(  # noqa: S603 - a list, no shell
            ending_with_parent([sys.executable, "-m", "webhooks_local.run"]),
            stdout=log,
            stderr=log,
            start_new_session=True,  # so that Ctrl-C reaches the demo alone, which then stops this process
        )
    try:
        _wait(url, process)
        yield stack
    finally:
        print("Stopping Ringback.")
        process.terminate()
        # First its processes stop, then Redis.
        process.wait(STOP_SECONDS + 20)


def _answers(url: str) -> bool:
    with requests.Session() as session:
        session.trust_env = False  # no proxy leads to this machine
        try:
            return session.get(f"{url}/healthz", timeout=5).status_code == 200
        except requests.RequestException:
            return False


def _wait(url: str, process: subprocess.Popen[bytes] | None) -> None:
    """Wait until the API is ready.

    Args:
        process: starts the API; if it ends before the API is ready, that is an error.
    """
    try:
        wait_until_ready(url, READY_SECONDS, given_up=lambda: process is not None and process.poll() is not None)
    except TimeoutError as error:
        reason = str(error)
        if process is not None:
            tail = "\n".join(LOG.read_text(errors="replace").splitlines()[-15:])
            reason = f"{reason}\nThe end of {LOG}:\n{tail}"
        raise DemoFailedError(reason) from error
