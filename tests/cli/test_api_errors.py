"""The messages when the API refuses a call, another service answers, or there is no answer."""

from __future__ import annotations

from typing import Any

import pytest

from cli.conftest import CommandLine
from scripted_service import LOST, NO_ENDPOINT, Answer, ScriptedService, refuse


def test_errors_of_nested_fields_are_shown_by_their_paths(scripted: CommandLine, service: ScriptedService) -> None:
    errors = {"altEmails": {"0": ["Not an address.", "Too long."]}, "url": ["Missing."]}
    service.script.append(refuse(400, 101, "Bad.", errors=errors))
    result = scripted("list")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "Error: Bad. altEmails.0: Not an address. Too long. url: Missing. (400)\n"


def test_control_characters_of_an_error_are_escaped(scripted: CommandLine, service: ScriptedService) -> None:
    service.script.append(refuse(400, 101, "\x1b[2J\nError: all is well"))
    assert scripted("list").stderr == "Error: \\x1b[2J\\nError: all is well (400)\n"


@pytest.mark.parametrize(
    ("answer", "seen"),
    [
        (Answer(200), "200 without a JSON object"),
        (Answer(200, b""), "200 without a JSON object"),
        (Answer(200, [{"status": "success"}]), "200 without a JSON object"),
        (Answer(200, {"status": "ok"}), "200 with JSON of another kind"),
        (Answer(204, b""), "204 without a JSON object"),
        (Answer(401, headers={"WWW-Authenticate": "Basic"}), "401 without a JSON object"),
        (Answer(404), "404 without a JSON object"),
        (Answer(404, {"message": "Not found"}), "404 with JSON of another kind"),
        (Answer(413), "413 without a JSON object"),
        (Answer(502), "502 without a JSON object"),
        (Answer(301, headers={"Location": "https://h.example/x"}), "301, a redirect to https://h.example"),
        (Answer(302, {"status": "success"}, {"Location": "/login"}), "302, a redirect to another path"),
    ],
)
def test_an_answer_in_another_shape_is_refused(
    scripted: CommandLine, service: ScriptedService, answer: Answer, seen: str
) -> None:
    service.script.append(answer)
    result = scripted("list")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == f"Error: {service.url}: It answered {seen}. Is it a Ringback? See --url.\n"


#: Commands that need more fields of an answer than its status.
READING_COMMANDS = [
    ["profiles", "list"],
    ["feeds", "list"],
    ["deliveries", "list"],
    ["deliveries", "show", "hook"],
    ["deliveries", "resend", "hook"],
    ["history"],
    ["recover", "--since", "2h"],
    ["recover", "--watch", "job"],
    ["accounts", "create", "--title", "Acme", "--email", "ops@acme.example"],
    ["accounts", "replace-key", "f00"],
    ["profiles", "delete", "--profile-key", "canary"],
]


@pytest.mark.parametrize("as_json", [True, False])
@pytest.mark.parametrize("command", READING_COMMANDS, ids=" ".join)
@pytest.mark.parametrize(
    "body",
    [
        {"status": "success"},
        {
            "status": "success",
            "profiles": 7,
            "feeds": [7],
            "deliveries": [{}],
            "attempts": "x",
            "hookId": 7,
            "id": 7,
        },
        {"status": "success", "profiles": [7], "feeds": {}, "deliveries": {}, "attempts": [7], "apiKey": None},
    ],
)
def test_a_success_without_the_expected_fields_is_refused(
    scripted: CommandLine, service: ScriptedService, body: Any, command: list[str], as_json: bool
) -> None:
    service.script.append(Answer(200, body))
    result = scripted(*command, *(["--json"] if as_json else []), WEBHOOKS_ADMIN_KEY="canary")
    assert (result.exit_code, result.stdout) == (1, "" if command[1:2] != ["resend"] else result.stdout)
    assert "Is it a Ringback? See --url." in result.stderr


def test_an_unknown_path_of_ringback_hints_at_url_and_version(
    scripted: CommandLine, service: ScriptedService
) -> None:
    service.script.append(NO_ENDPOINT)
    assert scripted("list").stderr == (
        "Error: This endpoint does not exist (404). Is it the right URL, and of this version? See --url.\n"
    )


@pytest.mark.parametrize("end", ["", "/", "/api", "/api/", " "])
def test_the_url_may_end_in_api_or_a_slash(scripted: CommandLine, service: ScriptedService, end: str) -> None:
    service.script.append(Answer(200, {"status": "success", "profiles": []}))
    assert scripted("profiles", "list", WEBHOOKS_URL=service.url + end).exit_code == 0
    assert service.calls[0].path == "/api/profiles"


def test_a_redirect_is_not_followed(scripted: CommandLine, service: ScriptedService) -> None:
    """The Profile-Key would be sent to its target."""
    service.script.append(Answer(307, {}, {"Location": f"{service.url}/elsewhere"}))
    result = scripted("list", "--profile-key", "canary")
    assert (result.exit_code, "307, a redirect to http://127.0.0.1" in result.stderr) == (1, True)
    assert [call.path for call in service.calls] == ["/api/hook/webhook"]


def test_a_refused_connection_is_reported(scripted: CommandLine) -> None:
    result = scripted("list", "--url", "http://127.0.0.1:1")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        "Error: No answer from http://127.0.0.1:1: Connection refused. Does Ringback run there? See --url.\n"
    )


def test_a_lost_answer_is_reported(scripted: CommandLine, service: ScriptedService) -> None:
    service.script.append(LOST)
    result = scripted("list")
    assert result.exit_code == 1
    assert result.stderr.startswith(f"Error: No answer from {service.url}: Remote end closed connection")


def test_this_machine_is_called_without_a_proxy(scripted: CommandLine, service: ScriptedService) -> None:
    service.script.append(Answer(200, {"status": "success", "profiles": []}))
    assert scripted("profiles", "list", http_proxy="http://127.0.0.1:1", no_proxy="").exit_code == 0


def test_events_are_sent_to_this_machine_without_a_proxy(scripted: CommandLine, service: ScriptedService) -> None:
    service.script.append(Answer(200, {}))
    event = '{"action": "social", "refId": "f00"}'
    result = scripted("events", "send", "-", stdin=event, http_proxy="http://127.0.0.1:1", no_proxy="")
    assert result.exit_code == 0
