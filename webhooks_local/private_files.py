"""Files that only their owner may read, written atomically."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile


class AlreadyLockedError(Exception):
    """Another process holds this lock."""


def make_private_directory(directory: Path) -> None:
    """Make `directory` if it is missing, and give it mode 0700, so that only its owner has access.

    Raises:
        OSError: it cannot be made.
    """
    directory.mkdir(parents=True, exist_ok=True)
    directory.chmod(0o700)


def write_private(path: Path, content: bytes) -> None:
    """Replace the file at `path` (mode 0600) atomically: a reader sees the old content or the new.

    Raises:
        OSError: it cannot be written.
    """
    # A temporary file is created with mode 0600.
    with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}-", delete=False) as new:
        try:
            new.write(content)
            new.flush()
            os.fsync(new.fileno())
            Path(new.name).replace(path)
        except BaseException:
            Path(new.name).unlink(missing_ok=True)
            raise


@contextmanager
def locked(path: Path, *, wait: bool) -> Iterator[None]:
    """Hold the lock file at `path`; the kernel releases the lock whenever the process ends.

    Args:
        path: the lock file; made if missing, never removed.
        wait: wait for the holder to release it, instead of raising.

    Raises:
        AlreadyLockedError: another process holds it and `wait` is false.
    """
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyLockedError(path) from None
        yield
