"""The keys of Ringback on one machine: made once, stored in `var/keys.env`."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from pathlib import Path

from cryptography.fernet import Fernet

from webhooks_local.private_files import locked, make_private_directory, write_private

ADMIN_KEY = "WEBHOOKS_ADMIN_KEY"
PRODUCER_KEYS = "WEBHOOKS_PRODUCER_KEYS"
SECRET_KEYS = "WEBHOOKS_SECRET_KEYS"  # noqa: S105 - the name of a setting
REDIS_PASSWORD = "EMBEDDED_REDIS_PASSWORD"  # noqa: S105 - the name of a setting

_MAKE: Mapping[str, Callable[[], str]] = {
    ADMIN_KEY: lambda: f"rb_admin_{secrets.token_urlsafe(32)}",
    PRODUCER_KEYS: lambda: f"rb_producer_{secrets.token_urlsafe(32)}",
    SECRET_KEYS: lambda: Fernet.generate_key().decode(),
    REDIS_PASSWORD: lambda: secrets.token_urlsafe(32),
}


def ensure_keys(directory: Path, environment: Mapping[str, str]) -> dict[str, str]:
    """Return every key. Keys that are neither set nor stored are made and stored.

    Args:
        directory: contains `keys.env`; made with mode 0700.
        environment: its keys, if not empty, override the stored ones, and are not written to the file.

    Raises:
        OSError: the file cannot be read or written.
    """
    make_private_directory(directory)
    given = {name: environment[name] for name in _MAKE if environment.get(name, "").strip()}
    with locked(directory / "making.lock", wait=True):
        stored = read_keys(directory)
        new = {name: make() for name, make in _MAKE.items() if name not in given | stored}
        if new:
            lines = [f"{name}={value}\n" for name, value in (stored | new).items()]
            write_private(keys_file(directory), "".join(lines).encode())
    return stored | new | given


def read_keys(directory: Path) -> dict[str, str]:
    """Return the keys stored in `directory`; none if there is no file.

    Raises:
        OSError: the file exists and cannot be read.
    """
    return read_env_file(keys_file(directory))


def read_env_file(file: Path) -> dict[str, str]:
    """Return the variables in the lines `NAME=value` of a file, without empty ones; none if there is no file.

    Raises:
        OSError: the file exists and cannot be read.
    """
    if not file.exists():
        return {}
    lines = file.read_text(errors="replace").splitlines()
    pairs = (line.partition("=") for line in lines if not line.lstrip().startswith("#"))
    return {name.strip(): value.strip() for name, _, value in pairs if value.strip()}


def keys_file(directory: Path) -> Path:
    """Return the path of the file of keys in `directory`."""
    return directory / "keys.env"
