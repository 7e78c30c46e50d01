"""The text that `make run` prints once the API is ready."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path

import requests

from webhooks_local.keys import ADMIN_KEY, PRODUCER_KEYS, keys_file

READY_SECONDS = 60.0
_ANY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - only recognised here


def base_url(host: str, port: int) -> str:
    """Return the URL by which this machine reaches an API that listens on `host` and `port`."""
    host = _ANY_ADDRESS.get(host, host)
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def wait_until_ready(
    url: str, deadline_seconds: float = READY_SECONDS, given_up: Callable[[], bool] = lambda: False
) -> None:
    """Wait until `url`/readyz answers 200.

    Args:
        url: the base URL of the API.
        deadline_seconds: how long to wait.
        given_up: called between requests; true ends the wait early.

    Raises:
        TimeoutError: the API is not ready in time; the message contains its last answer.
    """
    start = time.monotonic()
    last: object = "no answer"
    with requests.Session() as session:
        session.trust_env = False  # no proxy leads to this machine
        while time.monotonic() < start + deadline_seconds and not given_up():
            try:
                answer = session.get(f"{url}/readyz", timeout=5)
            except requests.RequestException as error:
                last = error
            else:
                if answer.status_code == 200:
                    return
                last = f"{answer.status_code} {answer.text.strip()}"
            time.sleep(0.2)
    raise TimeoutError(f"{url}/readyz is not ready after {time.monotonic() - start:.0f} s: {last}")


def banner(url: str, environment: Mapping[str, str], given: Mapping[str, str], directory: Path, data: str) -> str:
    """Return the text.

    Args:
        url: the base URL of the API.
        environment: the environment of the processes, with every key.
        given: the environment of the operator; a key from it is not printed.
        directory: contains the file of keys.
        data: describes where Redis stores the data.
    """

    def key(name: str) -> str:
        if given.get(name, "").strip():
            return f"as set in {name}"
        return f"{environment[name].split(',')[0]}  ({name} in {keys_file(directory)})"

    return f"""
Ringback is ready.

  API            {url}/api  (for curl, webhooks --url and Client(…) alike)
  API docs       {url}/api/docs
  Admin key      {key(ADMIN_KEY)}
  Producer key   {key(PRODUCER_KEYS)}
  Data           {data}
  Private addresses that may be called    {environment["WEBHOOKS_ALLOWED_NETWORKS"] or "none"}
  CAs trusted besides the public ones     {environment["WEBHOOKS_CA_BUNDLE"]}

Next, in another terminal:
  make demo       sends one event of each kind to a local receiver and watches the deliveries
  make receiver   starts a receiver that prints what it is sent
docs/first-calls.md has the first calls to make by hand. Ctrl-C stops everything.

"""
