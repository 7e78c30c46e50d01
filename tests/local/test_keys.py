"""Keys on one machine: nobody has to make any, and nobody else can read them."""

from __future__ import annotations

import stat
from pathlib import Path

from cryptography.fernet import Fernet

from webhooks_local.keys import (
    ADMIN_KEY,
    PRODUCER_KEYS,
    REDIS_PASSWORD,
    SECRET_KEYS,
    ensure_keys,
    keys_file,
    read_keys,
)


def test_keys_are_made_once(var: Path) -> None:
    """A second start finds the keys of the first: customers' secrets stay readable, scripts keep working."""
    first = ensure_keys(var, {})
    assert ensure_keys(var, {}) == first == read_keys(var)
    assert first[ADMIN_KEY].startswith("rb_admin_")
    assert first[PRODUCER_KEYS].startswith("rb_producer_")
    assert len(first[REDIS_PASSWORD]) >= 32
    Fernet(first[SECRET_KEYS])


def test_keys_are_unlike_on_two_machines(tmp_path: Path) -> None:
    """No key is a default that everybody has."""
    first, second = ensure_keys(tmp_path / "one", {}), ensure_keys(tmp_path / "two", {})
    assert not set(first.values()) & set(second.values())


def test_only_the_owner_can_read_them(var: Path) -> None:
    """Directory 0700, file 0600, even if the directory stood open before."""
    var.mkdir(mode=0o755)
    ensure_keys(var, {})
    assert stat.S_IMODE(var.stat().st_mode) == 0o700
    assert stat.S_IMODE(keys_file(var).stat().st_mode) == 0o600


def test_the_environment_wins_and_is_not_written_down(var: Path) -> None:
    """What an operator sets is used, and stays out of the file; what is set to nothing counts as not set."""
    keys = ensure_keys(var, {ADMIN_KEY: "theirs", PRODUCER_KEYS: ""})
    assert keys[ADMIN_KEY] == "theirs"
    assert keys[PRODUCER_KEYS].startswith("rb_producer_")
    assert ADMIN_KEY not in read_keys(var)


def test_the_environment_leaves_kept_keys_alone(var: Path) -> None:
    """A variable set for one start does not cost the key that was kept."""
    first = ensure_keys(var, {})
    ensure_keys(var, {SECRET_KEYS: Fernet.generate_key().decode()})
    assert ensure_keys(var, {}) == first
