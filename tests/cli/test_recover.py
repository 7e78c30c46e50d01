"""`webhooks recover`: starts a recovery in the background and watches it to its end."""

from __future__ import annotations

import json
import os
import signal
from typing import Any

import pytest

from cli.conftest import CommandLine
from fake_clock import FakeClock
from scripted_service import LOST, REF_ID, UNAVAILABLE, Answer, Call, ScriptedService


def job(done: int = 0, total: int | None = 4, failed: int = 0, state: str = "running") -> dict[str, Any]:
    percent = 0 if total is None else 100 * (done + failed) // total
    counts = {"total": total, "done": done, "failed": failed, "percent": percent}
    return {"status": "success", "id": "job1", "state": state, **counts}


STARTED = Answer(202, job(total=None))
HALF = Answer(200, job(2))
FINISHED = Answer(200, job(4, state="finished"))


@pytest.fixture
def fake_clock(scripted: CommandLine) -> FakeClock:
    fake_clock = FakeClock()
    scripted.clock = fake_clock.clock
    return fake_clock


def test_recover_waits_for_the_end(scripted: CommandLine, service: ScriptedService, fake_clock: FakeClock) -> None:
    service.script.extend([STARTED, HALF, FINISHED])
    period = ("--since", "2026-01-05", "--until", "2026-01-06")
    result = scripted("recover", *period, "--action", "social", "--ref-id", REF_ID, "--state", "exhausted")
    assert [(call.method, call.path) for call in service.calls] == [
        ("POST", "/api/hook/recover"),
        ("GET", "/api/hook/recover/job1"),
        ("GET", "/api/hook/recover/job1"),
    ]
    assert service.calls[0].json == {
        "since": "2026-01-05T00:00:00.000Z",
        "until": "2026-01-06T00:00:00.000Z",
        "action": "social",
        "refId": REF_ID,
        "state": "exhausted",
    }
    assert (result.exit_code, fake_clock.seconds) == (0, 2)
    assert dict(line.split() for line in result.stdout.splitlines()) == {
        "id": "job1",
        "state": "finished",
        "total": "4",
        "done": "4",
        "failed": "0",
        "percent": "100",
    }


def test_no_wait_returns_at_once(scripted: CommandLine, service: ScriptedService) -> None:
    service.script.append(STARTED)
    result = scripted("recover", "--since", "2h", "--no-wait", "--json")
    assert json.loads(result.stdout) == STARTED.body
    assert len(service.calls) == 1


@pytest.mark.usefixtures("fake_clock")
def test_an_earlier_recovery_can_be_watched(scripted: CommandLine, service: ScriptedService) -> None:
    service.script.extend([HALF, FINISHED])
    result = scripted("recover", "--watch", "job1", "--json")
    assert json.loads(result.stdout) == FINISHED.body
    assert {call.method for call in service.calls} == {"GET"}


@pytest.mark.usefixtures("fake_clock")
def test_failures_set_the_exit_code(scripted: CommandLine, service: ScriptedService) -> None:
    service.script.extend([STARTED, Answer(200, job(3, failed=1, state="finished"))])
    assert scripted("recover", "--since", "2h").exit_code == 1


@pytest.mark.usefixtures("fake_clock")
def test_polling_continues_through_a_short_outage(scripted: CommandLine, service: ScriptedService) -> None:
    service.script.extend(
        [STARTED, LOST, UNAVAILABLE, Answer(429, {"message": "Too many calls were made."}), FINISHED]
    )
    assert scripted("recover", "--since", "2h").exit_code == 0


def test_watching_ends_after_an_outage_of_a_minute(
    scripted: CommandLine, service: ScriptedService, fake_clock: FakeClock
) -> None:
    service.script.extend([STARTED, *[UNAVAILABLE] * 100])
    result = scripted("recover", "--since", "2h")
    assert (result.exit_code, fake_clock.seconds) == (1, 61)
    assert result.stderr.splitlines() == [
        "The recovery continues. To watch it: webhooks recover --watch job1",
        "Error: Storage cannot be reached. (503)",
    ]


def test_an_interrupted_command_leaves_the_recovery_running(
    scripted: CommandLine, service: ScriptedService
) -> None:
    def interrupt(_: Call) -> Answer:
        os.kill(os.getpid(), signal.SIGINT)
        return LOST

    service.script.extend([STARTED, interrupt])
    result = scripted("recover", "--since", "2h")
    assert result.exit_code == 130
    assert result.stderr == "The recovery continues. To watch it: webhooks recover --watch job1\n"


@pytest.mark.parametrize("options", [[], ["--watch", "job1", "--state", "exhausted"], ["--since", "yesterday"]])
def test_missing_and_contradictory_filters_are_refused(
    scripted: CommandLine, service: ScriptedService, options: list[str]
) -> None:
    assert scripted("recover", *options).exit_code == 2
    assert service.calls == []
