"""`webhooks secret`: a secret can be passed in many ways, and is never printed."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from cli.conftest import CommandLine
from config.settings import Settings
from webhooks.signing.secret_box import SecretBox
from webhooks.store.connection import Client

SECRET = "correct-horse-bättery"


@pytest.fixture
def stored(customer: str, fake_redis: Client, settings: Settings) -> Callable[[], str]:
    """Reads the secret that the API has stored."""

    def read() -> str:
        return SecretBox(settings.secret_keys).open(customer, fake_redis.hget(f"profile:{customer}", "secret"))

    return read


@pytest.mark.usefixtures("customer")
def test_without_a_terminal_a_missing_secret_is_an_error(webhooks: CommandLine) -> None:
    result = webhooks("secret", "set", stdin=f"{SECRET}\n{SECRET}\n")
    assert result.exit_code == 2
    assert result.stderr.splitlines()[-1] == (
        "Error: The secret is missing: give --secret-file (- is standard input), or set WEBHOOKS_SECRET. "
        "It is asked for on a terminal only."
    )


def test_the_secret_is_read_from_the_environment(webhooks: CommandLine, stored: Callable[[], str]) -> None:
    result = webhooks("secret", "set", WEBHOOKS_SECRET=SECRET)
    assert stored() == SECRET
    assert SECRET not in result.output


@pytest.mark.parametrize("ending", ["", "\n", "\r\n"])
def test_the_secret_is_read_from_a_file_without_its_line_ending(
    webhooks: CommandLine, stored: Callable[[], str], ending: str
) -> None:
    webhooks("secret", "set", "--secret-file", webhooks.file("secret", SECRET + ending))
    assert stored() == SECRET


def test_a_file_overrides_the_environment(webhooks: CommandLine, stored: Callable[[], str]) -> None:
    """It was given for this one command."""
    file = webhooks.file("secret", SECRET)
    webhooks("secret", "set", "--secret-file", file, WEBHOOKS_SECRET="another secret")
    assert stored() == SECRET


def test_the_secret_is_read_from_standard_input(webhooks: CommandLine, stored: Callable[[], str]) -> None:
    webhooks("secret", "set", "--secret-file", "-", stdin=SECRET)
    assert stored() == SECRET


@pytest.mark.parametrize(
    ("content", "message"), [(b"\n", "must not be empty."), (b"\xff\xfe", "must hold UTF-8.")]
)
@pytest.mark.usefixtures("customer")
def test_a_file_without_a_secret_is_refused(webhooks: CommandLine, content: bytes, message: str) -> None:
    result = webhooks("secret", "set", "--secret-file", webhooks.file("secret", content))
    assert result.exit_code == 2
    assert result.stderr.splitlines()[-1] == f"Error: Invalid value for '--secret-file': {message}"


@pytest.mark.usefixtures("customer")
def test_a_missing_file_is_reported(webhooks: CommandLine) -> None:
    result = webhooks("secret", "set", "--secret-file", "nowhere")
    assert (result.exit_code, result.stderr) == (
        1,
        "Error: Could not open file 'nowhere': No such file or directory\n",
    )


def test_the_previous_secret_can_be_ended_at_once(
    webhooks: CommandLine, customer: str, stored: Callable[[], str], fake_redis: Client
) -> None:
    for secret in ("the one before", SECRET):
        webhooks("secret", "set", WEBHOOKS_SECRET=secret)
    assert fake_redis.exists(f"oldSecret:{customer}")
    result = webhooks("secret", "end-grace", "--json")
    assert (result.exit_code, json.loads(result.stdout)["refId"]) == (0, customer)
    assert not fake_redis.exists(f"oldSecret:{customer}")
    assert stored() == SECRET


@pytest.mark.usefixtures("customer")
def test_ending_a_missing_previous_secret_succeeds(webhooks: CommandLine) -> None:
    assert webhooks("secret", "end-grace").exit_code == 0
