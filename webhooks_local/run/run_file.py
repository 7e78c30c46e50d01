"""Where the `make run` of a directory is reached, and whether it still runs: told to the commands beside it."""

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
        url: where its API is reached from this machine.
        runs: it has not ended.
    """

    url: str
    runs: bool


@contextmanager
def whereabouts_kept(directory: Path, url: str) -> Iterator[None]:
    """Leave word in `directory` of where the API is. It stays; a lock tells for how long it holds.

    Raises:
        OSError: it cannot be written.
    """
    # Not the lock that keeps a second start away: a command that looks takes this one for a moment.
    with locked(_lock(directory), wait=True):
        write_private(run_file(directory), f"{_NAME}={url}\n".encode())
        yield


def find_local_run(directory: Path) -> LocalRun | None:
    """Return the latest `make run` of `directory`; None if there was none.

    Raises:
        OSError: its file is there and cannot be read.
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
    """Return the path of the file in `directory` that says where the API is."""
    return directory / "run.env"


def _lock(directory: Path) -> Path:
    return directory / "run.env.lock"
