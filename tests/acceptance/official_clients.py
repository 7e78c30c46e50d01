"""The official clients of the API that Ringback is compatible with, unmodified, against a running system.

Neither has a setting for the URL of the API. The Python client has it in a variable of its module; the calls of
the npm client to its vendor are redirected inside its process.
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
#: The timeout of a package registry in seconds.
_REGISTRY_DEADLINE = 120
#: The methods of the npm client by the names of the same methods in the Python client.
_NPM_NAMES = {"addFeed": "feedAdd", "updateFeed": "feedUpdate", "deleteFeed": "feedDelete", "getFeeds": "feedGet"}


class Client(Protocol):
    """An official client with the API key of an account."""

    def set_profile_key(self, key: str) -> None:
        """Send this Profile-Key with all later calls."""

    def call(self, method: str, **data: Any) -> Any:
        """Call a method with this data, and return its result."""

    def close(self) -> None:
        """Close the client."""


class PythonClient:
    """`social-post-api`."""

    def __init__(self, module: Any, running: Running, key: str) -> None:
        module.base = f"{running.url}/api/"
        self._client = module.SocialPost(key)

    def set_profile_key(self, key: str) -> None:
        """Send this Profile-Key with all later calls."""
        self._client.setProfileKey(key)

    def call(self, method: str, **data: Any) -> Any:
        """Call a method with this data, and return its result."""
        return getattr(self._client, method)(data)

    def close(self) -> None:
        """Do nothing: this client has no process."""


class NpmClient:
    """`social-media-api`, in a Node.js process that runs until `close`."""

    def __init__(self, folder: Path, running: Running, key: str) -> None:
        self._node = subprocess.Popen(
            ["node", _PINNED / "drive.cjs", folder, running.url, key],  # noqa: S607  that of the PATH
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def set_profile_key(self, key: str) -> None:
        """Send this Profile-Key with all later calls."""
        self._ask(["setProfileKey", key])

    def call(self, method: str, **data: Any) -> Any:
        """Call a method with this data, and return its result."""
        return self._ask([_NPM_NAMES.get(method, method), data])

    def close(self) -> None:
        """Stop the process."""
        self._node.communicate(timeout=10)

    def _ask(self, line: list[Any]) -> Any:
        assert self._node.stdin is not None
        assert self._node.stdout is not None
        self._node.stdin.write(json.dumps(line) + "\n")
        self._node.stdin.flush()
        return json.loads(self._node.stdout.readline())


def installed_module() -> Any:
    """Return the Python client that is installed with the development packages."""
    return ayrshare.ayrshare


def older_module(folder: Path) -> Any:
    """Return the older Python client, from its own folder, as only one version of a package can be installed."""
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--require-hashes"]
    _fetch([*command, "--target", str(folder), "--requirement", str(_PINNED / "older.txt")], folder, "pip")
    spec = spec_from_file_location("older_ayrshare", folder / "ayrshare" / "ayrshare.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def npm_folder(folder: Path) -> Path:
    """Return a folder with the npm client and its dependencies, as pinned by the lock file."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("The npm client is not tried: node or npm is missing.")
    for name in ("package.json", "package-lock.json"):
        shutil.copy(_PINNED / name, folder)
    _fetch(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], folder, "npm")
    return folder


def _fetch(command: list[str], folder: Path, tool: str) -> None:
    """Run a command that needs a package registry; skip the test if the registry cannot be reached."""
    try:
        subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=_REGISTRY_DEADLINE)
    except (subprocess.SubprocessError, OSError) as error:
        pytest.skip(f"A client is not tried: {tool} could not fetch it ({error}).")
