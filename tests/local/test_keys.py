"""The keys of one machine: made automatically, and readable by their owner only."""

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
    """A second start uses the same keys, so that customers' secrets stay readable and scripts keep working."""
    first = ensure_keys(var, {})
    assert ensure_keys(var, {}) == first == read_keys(var)
    assert first[ADMIN_KEY].startswith("rb_admin_")
    assert first[PRODUCER_KEYS].startswith("rb_producer_")
    assert len(first[REDIS_PASSWORD]) >= 32
    Fernet(first[SECRET_KEYS])


def test_two_machines_have_different_keys(tmp_path: Path) -> None:
    """There is no default key."""
    first, second = ensure_keys(tmp_path / "one", {}), ensure_keys(tmp_path / "two", {})
    assert not set(first.values()) & set(second.values())


def test_only_the_owner_can_read_the_keys(var: Path) -> None:
    """The directory has mode 0700, even if it was open before, and the file 0600."""
    var.mkdir(mode=0o755)
    ensure_keys(var, {})
    assert stat.S_IMODE(var.stat().st_mode) == 0o700
    assert stat.S_IMODE(keys_file(var).stat().st_mode) == 0o600


def test_the_environment_overrides_keys_and_is_not_stored(var: Path) -> None:
    """An empty value counts as not set."""
    keys = ensure_keys(var, {ADMIN_KEY: "given", PRODUCER_KEYS: ""})
    assert keys[ADMIN_KEY] == "given"
    assert keys[PRODUCER_KEYS].startswith("rb_producer_")
    assert ADMIN_KEY not in read_keys(var)


def test_the_environment_does_not_change_stored_keys(var: Path) -> None:
    """A variable that is set for one start does not replace the stored key."""
    first = ensure_keys(var, {})
    ensure_keys(var, {SECRET_KEYS: Fernet.generate_key().decode()})
    assert ensure_keys(var, {}) == first
