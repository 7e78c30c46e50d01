"""Which key a command sends, to which machines, and the error when there is none."""

from __future__ import annotations

import json

import pytest

from cli.conftest import CommandLine
from scripted_service import Answer, ScriptedService

NO_PROFILES = Answer(200, {"status": "success", "profiles": []})
STORED = "WEBHOOKS_ADMIN_KEY=stored-admin\nWEBHOOKS_PRODUCER_KEYS=stored-producer,another\n"


def test_a_customer_sends_the_api_key_and_the_profile_key(scripted: CommandLine, service: ScriptedService) -> None:
    service.script.append(NO_PROFILES)
    scripted("profiles", "list", WEBHOOKS_PROFILE_KEY="canary-profile-key")
    (call,) = service.calls
    assert call.headers["Authorization"] == "Bearer canary-api-key"
    assert call.headers["Profile-Key"] == "canary-profile-key"


def test_without_a_profile_key_no_such_header_is_sent(scripted: CommandLine, service: ScriptedService) -> None:
    service.script.append(NO_PROFILES)
    scripted("profiles", "list")
    assert "Profile-Key" not in service.calls[0].headers


def test_an_option_overrides_the_environment(scripted: CommandLine, service: ScriptedService) -> None:
    service.script.append(NO_PROFILES)
    options = ["--url", f"{service.url}/", "--api-key", "from-option"]
    result = scripted("profiles", "list", *options, WEBHOOKS_URL="http://127.0.0.1:1")
    assert result.exit_code == 0
    assert service.calls[0].headers["Authorization"] == "Bearer from-option"


def test_the_environment_overrides_a_stored_key(scripted: CommandLine, service: ScriptedService) -> None:
    scripted.file("var/customer.env", "WEBHOOKS_API_KEY=stored-customer\n")
    service.script.extend([NO_PROFILES, NO_PROFILES])
    scripted("profiles", "list")
    scripted("profiles", "list", WEBHOOKS_API_KEY="")
    assert [call.headers["Authorization"] for call in service.calls] == [
        "Bearer canary-api-key",
        "Bearer stored-customer",
    ]


def test_events_are_sent_with_the_first_producer_key_of_make_run(
    scripted: CommandLine, service: ScriptedService
) -> None:
    scripted.file("var/keys.env", STORED)
    service.script.append(Answer(200, {}))
    scripted("events", "send", "-", stdin='{"action": "social", "refId": "f00"}', WEBHOOKS_PRODUCER_KEY="")
    assert service.calls[1].headers["Authorization"] == "Bearer stored-producer"


@pytest.mark.parametrize("url", ["http://ringback.example", "http://10.0.0.1:8080", "http://127.0.0.1.example"])
def test_a_stored_key_is_sent_to_this_machine_only(scripted: CommandLine, url: str) -> None:
    scripted.file("var/keys.env", STORED)
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
def test_the_error_names_the_missing_key(scripted: CommandLine, command: list[str], message: str) -> None:
    result = scripted(*command, WEBHOOKS_API_KEY="", WEBHOOKS_PRODUCER_KEY="")
    assert (result.exit_code, result.stderr.splitlines()[-1]) == (2, f"Error: {message}")


@pytest.mark.parametrize("option", ["--api-key", "--profile-key"])
@pytest.mark.parametrize("key", ["canary\nX-Evil: 1", "canary key", "canaryé"])
def test_a_malformed_key_is_refused_and_not_quoted(
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
def test_a_malformed_url_is_refused(scripted: CommandLine, url: str) -> None:
    result = scripted("list", "--url", url)
    assert result.exit_code == 2
    assert result.stderr.splitlines()[-1].startswith("Error: Invalid value for '--url'")
    assert "canary" not in result.output


def test_the_api_may_be_served_below_a_path(scripted: CommandLine, service: ScriptedService) -> None:
    service.script.append(NO_PROFILES)
    result = scripted("profiles", "list", "--json", "--url", f"{service.url}/ringback/")
    assert json.loads(result.stdout) == []
    assert service.calls[0].path == "/ringback/api/profiles"


def test_an_unreadable_file_of_keys_is_reported_in_one_line(scripted: CommandLine) -> None:
    (scripted.directory / "var/customer.env").mkdir(parents=True)
    result = scripted("list", WEBHOOKS_API_KEY="")
    assert (result.exit_code, result.stderr) == (1, "Error: var/customer.env: Is a directory\n")
