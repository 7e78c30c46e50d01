"""Which key a command calls with, whom it is told to, and what is said when there is none."""

from __future__ import annotations

import json

import pytest

from cli.conftest import CommandLine
from scripted_service import Answer, ScriptedService

NO_PROFILES = Answer(200, {"status": "success", "profiles": []})
KEPT = "WEBHOOKS_ADMIN_KEY=kept-admin\nWEBHOOKS_PRODUCER_KEYS=kept-producer,another\n"


def test_a_customers_call_bears_both_keys(scripted: CommandLine, service: ScriptedService) -> None:
    service.script.append(NO_PROFILES)
    scripted("profiles", "list", WEBHOOKS_PROFILE_KEY="canary-profile-key")
    (call,) = service.calls
    assert call.headers["Authorization"] == "Bearer canary-api-key"
    assert call.headers["Profile-Key"] == "canary-profile-key"


def test_without_a_profile_key_the_primary_profile_calls(scripted: CommandLine, service: ScriptedService) -> None:
    service.script.append(NO_PROFILES)
    scripted("profiles", "list")
    assert "Profile-Key" not in service.calls[0].headers


def test_an_option_goes_before_the_environment(scripted: CommandLine, service: ScriptedService) -> None:
    service.script.append(NO_PROFILES)
    options = ["--url", f"{service.url}/", "--api-key", "from-option"]
    result = scripted("profiles", "list", *options, WEBHOOKS_URL="http://127.0.0.1:1")
    assert result.exit_code == 0
    assert service.calls[0].headers["Authorization"] == "Bearer from-option"


def test_the_environment_goes_before_what_is_kept(scripted: CommandLine, service: ScriptedService) -> None:
    scripted.file("var/customer.env", "WEBHOOKS_API_KEY=kept-customer\n")
    service.script.extend([NO_PROFILES, NO_PROFILES])
    scripted("profiles", "list")
    scripted("profiles", "list", WEBHOOKS_API_KEY="")
    assert [call.headers["Authorization"] for call in service.calls] == [
        "Bearer canary-api-key",
        "Bearer kept-customer",
    ]


def test_beside_make_run_the_first_producer_key_sends(scripted: CommandLine, service: ScriptedService) -> None:
    scripted.file("var/keys.env", KEPT)
    service.script.append(Answer(200, {}))
    scripted("events", "send", "-", stdin='{"action": "social", "refId": "f00"}', WEBHOOKS_PRODUCER_KEY="")
    assert service.calls[1].headers["Authorization"] == "Bearer kept-producer"


@pytest.mark.parametrize("url", ["http://ringback.example", "http://10.0.0.1:8080", "http://127.0.0.1.example"])
def test_what_is_kept_here_is_told_to_no_other_machine(scripted: CommandLine, url: str) -> None:
    scripted.file("var/keys.env", KEPT)
    result = scripted("accounts", "show", "f00", WEBHOOKS_URL=url)
    assert result.exit_code == 2
    assert result.stderr.endswith(
        "Error: The admin key is missing: set WEBHOOKS_ADMIN_KEY, or give --admin-key.\n"
    )


@pytest.mark.parametrize(
    ("command", "message"),
    [
        (["list"], "The API key is missing: set WEBHOOKS_API_KEY, or give --api-key."),
        (
            ["events", "send", "-"],
            "The producer key is missing: set WEBHOOKS_PRODUCER_KEY, or give --producer-key.",
        ),
    ],
)
def test_a_missing_key_is_named(scripted: CommandLine, command: list[str], message: str) -> None:
    result = scripted(*command, WEBHOOKS_API_KEY="", WEBHOOKS_PRODUCER_KEY="")
    assert (result.exit_code, result.stderr.splitlines()[-1]) == (2, f"Error: {message}")


@pytest.mark.parametrize("option", ["--api-key", "--profile-key"])
@pytest.mark.parametrize("key", ["canary\nX-Evil: 1", "canary key", "canaryé"])
def test_a_key_that_no_header_can_carry_is_a_mistake_and_not_repeated(
    scripted: CommandLine, service: ScriptedService, option: str, key: str
) -> None:
    result = scripted("list", option, key)
    assert result.exit_code == 2
    assert result.stderr.splitlines()[-1].endswith("must be printable ASCII without spaces.")
    assert "canary" not in result.output
    assert service.calls == []


@pytest.mark.parametrize(
    "url",
    [
        "",
        "ringback.example",
        "ftp://ringback.example",
        "http://",
        "http://u:canary@h",
        "http://h?q",
        "http://h:0",
        "http://[",
    ],
)
def test_a_url_that_is_none_is_a_mistake(scripted: CommandLine, url: str) -> None:
    result = scripted("list", "--url", url)
    assert result.exit_code == 2
    assert result.stderr.splitlines()[-1].startswith("Error: Invalid value for '--url'")
    assert "canary" not in result.output


def test_the_api_may_stand_below_a_path(scripted: CommandLine, service: ScriptedService) -> None:
    service.script.append(NO_PROFILES)
    result = scripted("profiles", "list", "--json", "--url", f"{service.url}/ringback/")
    assert json.loads(result.stdout) == []
    assert service.calls[0].path == "/ringback/api/profiles"


def test_a_file_of_keys_that_cannot_be_read_is_told_in_a_line(scripted: CommandLine) -> None:
    (scripted.directory / "var/customer.env").mkdir(parents=True)
    result = scripted("list", WEBHOOKS_API_KEY="")
    assert (result.exit_code, result.stderr) == (1, "Error: var/customer.env: Is a directory\n")
