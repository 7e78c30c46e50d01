"""`webhooks events send`: files of every format, refused events, and interruptions."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from cli.conftest import CommandLine
from fake_clock import FakeClock
from samples import sample
from scripted_service import LOST, UNAVAILABLE, Answer, Call, ScriptedService, accept
from stores import Store

#: The answer to the first call, with which the command checks that the service is reachable.
ALIVE = Answer(200, {"status": "success"})


@pytest.fixture
def event(customer: str) -> dict[str, Any]:
    """An event of a profile that has no webhook for it."""
    return sample("social-link", customer)


def lines(*events: Mapping[str, Any]) -> str:
    return "".join(f"{json.dumps(event)}\n" for event in events)


def test_a_single_event_is_reported_with_its_hook_id(webhooks: CommandLine, event: dict[str, Any]) -> None:
    webhooks("register", "social", "https://hooks.example/")
    result = webhooks("events", "send", webhooks.file("event.json", json.dumps(event, indent=2)))
    shown = dict(line.split() for line in result.stdout.splitlines())
    assert (result.exit_code, shown["state"], shown["refId"]) == (0, "queued", event["refId"])
    delivery = json.loads(webhooks("deliveries", "show", shown["hookId"], "--json").stdout)
    assert delivery["hookId"] == shown["hookId"]


@pytest.mark.parametrize("form", ["array", "object", "lines"])
def test_many_events_are_summarised_by_state(webhooks: CommandLine, event: dict[str, Any], form: str) -> None:
    webhooks("register", "social", "https://hooks.example/")
    later = sample("scheduled-success", event["refId"])
    events = [event, later, event]
    content = {"array": json.dumps(events), "object": json.dumps({"events": events}), "lines": lines(*events)}
    result = webhooks("events", "send", "-", stdin=content[form])
    assert result.stdout == "sent: 3\n  queued: 2\n  unregistered: 1\nrefused: 0\n"
    assert (result.exit_code, result.stderr) == (0, "")


def test_refused_events_are_reported_by_their_lines(webhooks: CommandLine, event: dict[str, Any]) -> None:
    bad = {**event, "platform": 7}
    file = webhooks.file("events.ndjson", lines(event, bad) + "\n{oops\n" + lines(event))
    result = webhooks("events", "send", file)
    assert result.exit_code == 1
    sent, state, refused, *reasons = result.stdout.splitlines()
    assert (sent, state, refused) == ("sent: 2", "  unregistered: 2", "refused: 2")
    assert reasons[0] == "  line 2: platform: Not a valid string."
    assert reasons[1].startswith("  line 4: It is not JSON: ")


def test_with_json_each_result_is_a_line(webhooks: CommandLine, event: dict[str, Any]) -> None:
    result = webhooks("events", "send", "-", "--json", stdin=json.dumps([event, {"action": "social"}]))
    accepted, refused = map(json.loads, result.stdout.splitlines())
    assert (accepted["event"], accepted["status"], accepted["state"]) == (1, "success", "unregistered")
    assert (refused["event"], refused["status"], refused["code"]) == (2, "error", 101)
    assert refused["errors"]["refId"] == ["Missing data for required field."]


def test_the_same_run_stores_no_event_twice(webhooks: CommandLine, event: dict[str, Any]) -> None:
    webhooks("register", "social", "https://hooks.example/")
    file = webhooks.file("events.ndjson", lines(event, event))
    webhooks("events", "send", file, "--run", "monday")
    again = webhooks("events", "send", file, "--run", "monday")
    assert "  of these, sent before: 2\n" in again.stdout
    assert "sent before" not in webhooks("events", "send", file).stdout


def test_a_large_file_is_sent_in_several_calls(scripted: CommandLine, service: ScriptedService) -> None:
    service.script.append(ALIVE)
    result = scripted("events", "send", "-", stdin=lines(*[sample("social-link")] * 2_500))
    assert [len(call.events) for call in service.calls[1:]] == [1_000, 1_000, 500]
    assert result.stdout.startswith("sent: 2500\n")


def test_an_interruption_reports_how_many_events_were_sent(
    scripted: CommandLine, service: ScriptedService
) -> None:
    """The message contains the name of the run, so that all can be sent again and none is stored twice."""

    def interrupt(_: Call) -> Answer:
        os.kill(os.getpid(), signal.SIGINT)
        return LOST

    service.script.extend([ALIVE, accept, interrupt])
    result = scripted("events", "send", "-", "--run", "monday", stdin=lines(*[sample("social-link")] * 1_500))
    assert result.exit_code == 130
    assert result.stdout == "sent: 1000\n  queued: 1000\nrefused: 0\n"
    assert result.stderr.startswith("Interrupted. 1000 of 1500 events are known to be sent. Send all again with ")
    assert "--run monday" in result.stderr


def test_an_outage_reports_how_many_events_were_sent(scripted: CommandLine, service: ScriptedService) -> None:
    scripted.clock = FakeClock().clock
    service.script.extend([ALIVE, accept, *[UNAVAILABLE] * 50])
    result = scripted("events", "send", "-", stdin=lines(*[sample("social-link")] * 1_500))
    assert result.exit_code == 1
    assert result.stdout.startswith("sent: 1000\n")
    assert "1000 of 1500 events are known to be sent." in result.stderr


def test_an_unauthorized_key_is_reported(webhooks: CommandLine, event: dict[str, Any]) -> None:
    result = webhooks("events", "send", "-", stdin=json.dumps(event), WEBHOOKS_PRODUCER_KEY="another-key")
    assert result.exit_code == 1
    assert result.stderr == "Error: Ringback does not let this key send events. It answered 401.\n"


def test_an_unreachable_service_is_reported_at_once(scripted: CommandLine) -> None:
    result = scripted("events", "send", "-", stdin="{}", WEBHOOKS_URL="http://127.0.0.1:1")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("Error: No answer from http://127.0.0.1:1: Connection refused.")


def test_a_file_of_something_else_is_not_sent(scripted: CommandLine, service: ScriptedService) -> None:
    result = scripted("events", "send", scripted.file("events.csv", "action,refId\n"))
    assert result.exit_code == 1
    assert "events.csv is neither JSON nor NDJSON" in result.stderr
    assert service.calls == []


def test_a_run_name_has_no_spaces(scripted: CommandLine) -> None:
    result = scripted("events", "send", "-", "--run", "two words")
    assert result.exit_code == 2


def test_a_terminal_shows_a_progress_bar(service: ScriptedService, tmp_path: Path) -> None:
    """The bar is on standard error, so that the results can be written to a file."""
    file = tmp_path / "events.ndjson"
    file.write_text(lines(*[sample("social-link")] * 3))
    environment = {"WEBHOOKS_URL": service.url, "WEBHOOKS_PRODUCER_KEY": "canary", "PATH": os.environ["PATH"]}
    service.script.append(ALIVE)
    terminal, its_end = pty.openpty()
    try:
        ended = subprocess.run(
            [sys.executable, "-m", "webhooks_cli", "events", "send", file],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=its_end,
            check=True,
        )
        shown = os.read(terminal, 10_000).decode()
    finally:
        os.close(its_end)
        os.close(terminal)
    assert ended.stdout == b"sent: 3\n  queued: 3\nrefused: 0\n"
    assert "Sending  [####################################]  3/3" in shown


@pytest.mark.parametrize(
    "number", ["12345678901234567890.12", "1.10", "1E5", "-0", "1e-400", "1e-9999999999999999999"]
)
def test_numbers_of_a_file_are_sent_and_shown_unchanged(
    webhooks: CommandLine, store: Store, event: dict[str, Any], number: str
) -> None:
    webhooks("register", "social", "https://hooks.example/")
    content = json.dumps(event)[:-1] + f', "total": {number}}}'
    result = webhooks("events", "send", webhooks.file("event.json", content))
    hook_id = dict(line.split() for line in result.stdout.splitlines())["hookId"]
    assert f'"total":{number},' in store.record_of(hook_id).payload
    store.clock.now = store.redis.time()[0] * 1000 + 1000
    store.end(hook_id)
    assert f'"total": {number},' in webhooks("history", "--json").stdout
