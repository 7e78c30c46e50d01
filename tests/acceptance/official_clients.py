"""The official clients of the API that ours follows, unmodified, each calling a running system of ours.

None has a setting for where it calls. The Python client keeps that in a variable of its module; what the other
sends to its vendor is led to us in its process.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any, Protocol

import ayrshare.ayrshare
import pytest

from running import Running

_PINNED = Path(__file__).parent / "official"
#: Seconds that a registry of packages has.
_REGISTRY_DEADLINE = 120
#: What the npm client calls the methods that the Python client has under these names.
_NPM_NAMES = {"addFeed": "feedAdd", "updateFeed": "feedUpdate", "deleteFeed": "feedDelete", "getFeeds": "feedGet"}


class Client(Protocol):
    """A client with the key of an account."""

    def set_profile_key(self, key: str) -> None:
        """Have all later calls be about a user profile."""

    def call(self, method: str, **data: Any) -> Any:
        """Return what a method returns that is given these data."""

    def close(self) -> None:
        """Make no more calls."""


class PythonClient:
    """`social-post-api`."""

    def __init__(self, module: Any, running: Running, key: str) -> None:
        module.base = f"{running.url}/api/"
        self._client = module.SocialPost(key)

    def set_profile_key(self, key: str) -> None:
        """Have all later calls be about a user profile."""
        self._client.setProfileKey(key)

    def call(self, method: str, **data: Any) -> Any:
        """Return what a method returns that is given these data."""
        return getattr(self._client, method)(data)

    def close(self) -> None:
        """There is nothing to end."""


class NpmClient:
    """`social-media-api`, in a process of node's that lives until `close`."""

    def __init__(self, folder: Path, running: Running, key: str) -> None:
        self._node = subprocess.Popen(
            ["node", _PINNED / "drive.cjs", folder, running.url, key],  # noqa: S607  that of the PATH
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def set_profile_key(self, key: str) -> None:
        """Have all later calls be about a user profile."""
        self._ask(["setProfileKey", key])

    def call(self, method: str, **data: Any) -> Any:
        """Return what a method returns that is given these data."""
        return self._ask([_NPM_NAMES.get(method, method), data])

    def close(self) -> None:
        """End the process."""
        self._node.communicate(timeout=10)

    def _ask(self, line: list[Any]) -> Any:
        assert self._node.stdin is not None
        assert self._node.stdout is not None
        self._node.stdin.write(json.dumps(line) + "\n")
        self._node.stdin.flush()
        return json.loads(self._node.stdout.readline())


def installed_module() -> Any:
    """Return the Python client that is installed with the other tools of development."""
    return ayrshare.ayrshare


def older_module(folder: Path) -> Any:
    """Return the older Python client, from a folder of its own: a package can be installed in one version."""
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--require-hashes"]
    _fetch([*command, "--target", str(folder), "--requirement", str(_PINNED / "older.txt")], folder, "pip")
    spec = spec_from_file_location("older_ayrshare", folder / "ayrshare" / "ayrshare.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def npm_folder(folder: Path) -> Path:
    """Return a folder in which the npm client is installed, with all that it needs, as the lock file pins it."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("The npm client is not tried: node or npm is missing.")
    for name in ("package.json", "package-lock.json"):
        shutil.copy(_PINNED / name, folder)
    _fetch(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], folder, "npm")
    return folder


def _fetch(command: list[str], folder: Path, tool: str) -> None:
    """Run a command that asks a registry; without one, what it would bring is not tried."""
    try:
        subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=_REGISTRY_DEADLINE)
    except (subprocess.SubprocessError, OSError) as error:
        pytest.skip(f"A client is not tried: {tool} could not fetch it ({error}).")
