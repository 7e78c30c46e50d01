"""`webhooks secrets reseal`, as an operator runs it."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from cryptography.fernet import Fernet

from stores import Store
from webhooks.signing.secret_box import SecretBox
from webhooks.store.connection import Client
from webhooks_cli.__main__ import main

OLD_KEY, NEW_KEY = (Fernet.generate_key().decode() for _ in range(2))
OLD, NEW = SecretBox([OLD_KEY]), SecretBox([NEW_KEY])
KEYS = f"{NEW_KEY},{OLD_KEY}"


@pytest.fixture
def store(real_redis: Client) -> Store:
    return Store(real_redis)


@pytest.fixture
def environment(flushed_redis_url: str) -> dict[str, str]:
    return {
        "REDIS_URL": flushed_redis_url,
        "WEBHOOKS_ADMIN_KEY": "admin",
        "WEBHOOKS_PRODUCER_KEYS": "producer",
        "WEBHOOKS_SECRET_KEYS": KEYS,
    }


def reseal(environment: Mapping[str, str]) -> Result:
    return CliRunner().invoke(main, ["secrets", "reseal"], env=environment)


def profile(store: Store, box: SecretBox) -> str:
    """Create a profile whose secret is sealed by this box, and return its refId."""
    ref_id = store.account()
    store.set_secret(ref_id, box.seal(ref_id, "canary"))
    return ref_id


def test_reseal_reports_its_counts(store: Store, environment: Mapping[str, str]) -> None:
    ref_id, _ = profile(store, OLD), profile(store, NEW)
    result = reseal(environment)
    assert result.exit_code == 0
    assert result.stdout == "resealed: 1\nalready sealed with the first key: 1\nunreadable: 0\n"
    assert result.stderr == ""
    assert NEW.open(ref_id, store.redis.hget(f"profile:{ref_id}", "secret")) == "canary"


def test_reseal_includes_the_previous_secret_of_a_rotation(store: Store, environment: Mapping[str, str]) -> None:
    ref_id = profile(store, OLD)
    store.set_secret(ref_id, OLD.seal(ref_id, "the next"))
    assert reseal(environment).stdout == "resealed: 2\nalready sealed with the first key: 0\nunreadable: 0\n"
    assert NEW.open(ref_id, store.redis.get(f"oldSecret:{ref_id}")) == "canary"


def test_reseal_may_be_repeated(store: Store, environment: Mapping[str, str]) -> None:
    profile(store, OLD)
    reseal(environment)
    result = reseal(environment)
    assert result.exit_code == 0
    assert result.stdout == "resealed: 0\nalready sealed with the first key: 1\nunreadable: 0\n"


def test_reseal_names_profiles_with_unreadable_secrets_and_fails(
    store: Store, environment: Mapping[str, str]
) -> None:
    lost = profile(store, SecretBox([Fernet.generate_key().decode()]))
    profile(store, OLD)
    result = reseal(environment)
    assert result.exit_code == 1
    assert result.stdout == f"resealed: 1\nalready sealed with the first key: 0\nunreadable: 1\n  {lost}\n"


def test_a_secret_that_is_not_utf_8_is_unreadable(store: Store, environment: Mapping[str, str]) -> None:
    lost, _ = store.account(), profile(store, OLD)
    store.redis.hset(f"profile:{lost}", "secret", b"\xff\xfe")
    result = reseal(environment)
    assert result.exit_code == 1
    assert result.stdout == f"resealed: 1\nalready sealed with the first key: 0\nunreadable: 1\n  {lost}\n"


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("WEBHOOKS_SECRET_KEYS", "", "WEBHOOKS_SECRET_KEYS is not set"),
        ("WEBHOOKS_SECRET_KEYS", "canary", "WEBHOOKS_SECRET_KEYS must hold Fernet keys"),
        ("REDIS_URL", "redis://:canary@127.0.0.1:1/0", "Storage cannot be used now"),
    ],
)
def test_reseal_reports_an_error_in_one_line(
    environment: Mapping[str, str], name: str, value: str, message: str
) -> None:
    result = reseal({**environment, name: value})
    assert (result.exit_code, result.stdout) == (2, "")
    assert re.fullmatch(rf"Error: {message}.*\n", result.stderr)
    assert "canary" not in result.stderr


def test_the_installed_command_shows_a_progress_bar_on_a_terminal(
    store: Store, environment: Mapping[str, str]
) -> None:
    profile(store, OLD)
    command = Path(sys.executable).parent / "webhooks"
    terminal, its_end = pty.openpty()
    try:
        ended = subprocess.run(
            [command, "secrets", "reseal"], env=environment, stdout=subprocess.PIPE, stderr=its_end, check=True
        )
        shown = os.read(terminal, 10_000).decode()
    finally:
        os.close(its_end)
        os.close(terminal)
    assert ended.stdout.decode().startswith("resealed: 1\n")
    assert "Resealing  [####################################]  100%" in shown
