"""What is said when the API refuses a call, or something else answers, or nobody does."""

from __future__ import annotations

import pytest

from cli.conftest import CommandLine
from scripted_service import LOST, Answer, ScriptedService


def test_nested_fields_are_told_by_their_paths(scripted: CommandLine, service: ScriptedService) -> None:
    errors = {"altEmails": {"0": ["Not an address.", "Too long."]}, "url": ["Missing."]}
    service.script.append(Answer(400, {"status": "error", "code": 101, "message": "Bad.", "errors": errors}))
    result = scripted("list")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "Error: Bad. altEmails.0: Not an address. Too long. url: Missing. (400)\n"


def test_an_error_cannot_command_the_terminal(scripted: CommandLine, service: ScriptedService) -> None:
    service.script.append(Answer(400, {"message": "\x1b[2J\nError: all is well"}))
    assert scripted("list").stderr == "Error: \\x1b[2J\\nError: all is well (400)\n"


@pytest.mark.parametrize("status", [200, 404, 502])
def test_an_answer_without_json_is_not_ringbacks(
    scripted: CommandLine, service: ScriptedService, status: int
) -> None:
    service.script.append(Answer(status))
    result = scripted("list")
    assert result.exit_code == 1
    assert result.stderr == (
        f"Error: {service.url} answered {status} without a JSON object. Is it a Ringback? See --url.\n"
    )


def test_a_redirect_is_not_followed(scripted: CommandLine, service: ScriptedService) -> None:
    """It would take the Profile-Key to wherever it leads."""
    service.script.append(Answer(307, {}, {"Location": f"{service.url}/elsewhere"}))
    result = scripted("list", "--profile-key", "canary")
    assert (result.exit_code, result.stderr) == (1, "Error: No reason was given. (307)\n")
    assert [call.path for call in service.calls] == ["/api/hook/webhook"]


def test_a_service_that_is_not_there_is_told_plainly(scripted: CommandLine) -> None:
    result = scripted("list", "--url", "http://127.0.0.1:1")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        "Error: No answer from http://127.0.0.1:1: Connection refused. Does Ringback run there? See --url.\n"
    )


def test_an_answer_that_is_lost_is_told_plainly(scripted: CommandLine, service: ScriptedService) -> None:
    service.script.append(LOST)
    result = scripted("list")
    assert result.exit_code == 1
    assert result.stderr.startswith(f"Error: No answer from {service.url}: Remote end closed connection")


def test_a_proxy_for_the_internet_is_not_asked_for_this_machine(
    scripted: CommandLine, service: ScriptedService
) -> None:
    service.script.append(Answer(200, {"status": "success", "profiles": []}))
    assert scripted("profiles", "list", http_proxy="http://127.0.0.1:1", no_proxy="").exit_code == 0


def test_nor_when_events_are_sent(scripted: CommandLine, service: ScriptedService) -> None:
    service.script.append(Answer(200, {}))
    event = '{"action": "social", "refId": ""}'
    result = scripted("events", "send", "-", stdin=event, http_proxy="http://127.0.0.1:1", no_proxy="")
    assert result.exit_code == 0
