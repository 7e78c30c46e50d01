"""`var/run.env`, where `make run` records its URL for commands in the same directory, and a lock while it runs."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from webhooks_local.keys import read_env_file
from webhooks_local.private_files import locked, write_private

_NAME = "WEBHOOKS_URL"


@dataclass(frozen=True)
class LocalRun:
    """The latest `make run` of a directory.

    Attributes:
        url: the base URL of its API on this machine.
        is_running: it has not ended.
    """

    url: str
    is_running: bool


@contextmanager
def recorded_run(directory: Path, url: str) -> Iterator[None]:
    """Record the URL of the API in `directory`, and hold a lock until the block ends. The file stays.

    Raises:
        OSError: the file cannot be written.
    """
    # Not the lock that prevents a second start, because `find_local_run` takes this one for a moment.
    with locked(_lock(directory), wait=True):
        write_private(run_file(directory), f"{_NAME}={url}\n".encode())
        yield


def find_local_run(directory: Path) -> LocalRun | None:
    """Return the latest `make run` of `directory`; None if there was none.

    Raises:
        OSError: its file exists and cannot be read.
    """
    url = read_env_file(run_file(directory)).get(_NAME)
    return None if url is None else LocalRun(url, _is_held(_lock(directory)))


def _is_held(lock: Path) -> bool:
    try:
        with lock.open() as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except FileNotFoundError:
        return False
    return False


def run_file(directory: Path) -> Path:
    """Return the path of the file in `directory` that contains the URL."""
    return directory / "run.env"


def _lock(directory: Path) -> Path:
    return directory / "run.env.lock"
