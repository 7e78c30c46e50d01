"""`webhooks recover`: a job in the background is begun, watched to its end, and outlives whoever watches."""

from __future__ import annotations

import json
import os
import signal
from typing import Any

import pytest

from cli.conftest import CommandLine
from scripted_service import LOST, REF_ID, UNAVAILABLE, Answer, Call, ScriptedService
from webhooks_client.retries import Clock


def job(done: int = 0, total: int | None = 4, failed: int = 0, state: str = "running") -> dict[str, Any]:
    percent = 0 if total is None else 100 * (done + failed) // total
    counts = {"total": total, "done": done, "failed": failed, "percent": percent}
    return {"status": "success", "id": "job1", "state": state, **counts}


BEGUN = Answer(202, job(total=None))
HALF = Answer(200, job(2))
FINISHED = Answer(200, job(4, state="finished"))


class Time:
    """A clock that moves only when somebody sleeps on it."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def sleep(self, seconds: float) -> None:
        """Move on by so much."""
        self.seconds += seconds


@pytest.fixture
def time(scripted: CommandLine) -> Time:
    time = Time()
    scripted.clock = Clock(now=lambda: time.seconds, sleep=time.sleep)
    return time


def test_it_waits_for_the_end(scripted: CommandLine, service: ScriptedService, time: Time) -> None:
    service.script.extend([BEGUN, HALF, FINISHED])
    time_span = ("--since", "2026-01-05", "--until", "2026-01-06")
    result = scripted("recover", *time_span, "--action", "social", "--ref-id", REF_ID, "--state", "exhausted")
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
    assert (result.exit_code, time.seconds) == (0, 2)
    assert dict(line.split() for line in result.stdout.splitlines()) == {
        "id": "job1",
        "state": "finished",
        "total": "4",
        "done": "4",
        "failed": "0",
        "percent": "100",
    }


def test_nobody_has_to_wait(scripted: CommandLine, service: ScriptedService) -> None:
    service.script.append(BEGUN)
    result = scripted("recover", "--since", "2h", "--no-wait", "--json")
    assert json.loads(result.stdout) == BEGUN.body
    assert len(service.calls) == 1


@pytest.mark.usefixtures("time")
def test_one_that_was_begun_can_be_watched(scripted: CommandLine, service: ScriptedService) -> None:
    service.script.extend([HALF, FINISHED])
    result = scripted("recover", "--watch", "job1", "--json")
    assert json.loads(result.stdout) == FINISHED.body
    assert {call.method for call in service.calls} == {"GET"}


@pytest.mark.usefixtures("time")
def test_failures_are_seen_in_the_exit_code(scripted: CommandLine, service: ScriptedService) -> None:
    service.script.extend([BEGUN, Answer(200, job(3, failed=1, state="finished"))])
    assert scripted("recover", "--since", "2h").exit_code == 1


@pytest.mark.usefixtures("time")
def test_a_service_that_is_away_for_a_moment_is_asked_again(
    scripted: CommandLine, service: ScriptedService
) -> None:
    service.script.extend(
        [BEGUN, LOST, UNAVAILABLE, Answer(429, {"message": "Too many calls were made."}), FINISHED]
    )
    assert scripted("recover", "--since", "2h").exit_code == 0


def test_after_a_minute_it_is_left_to_itself(scripted: CommandLine, service: ScriptedService, time: Time) -> None:
    service.script.extend([BEGUN, *[UNAVAILABLE] * 100])
    result = scripted("recover", "--since", "2h")
    assert (result.exit_code, time.seconds) == (1, 61)
    assert result.stderr.splitlines() == [
        "The recovery goes on; to see how it does: webhooks recover --watch job1",
        "Error: Storage cannot be reached. (503)",
    ]


def test_interrupted_it_goes_on_without_us(scripted: CommandLine, service: ScriptedService) -> None:
    def interrupt(_: Call) -> Answer:
        os.kill(os.getpid(), signal.SIGINT)
        return LOST

    service.script.extend([BEGUN, interrupt])
    result = scripted("recover", "--since", "2h")
    assert result.exit_code == 130
    assert result.stderr == "The recovery goes on; to see how it does: webhooks recover --watch job1\n"


@pytest.mark.parametrize("options", [[], ["--watch", "job1", "--state", "exhausted"], ["--since", "yesterday"]])
def test_a_selection_is_needed_and_must_be_clear(
    scripted: CommandLine, service: ScriptedService, options: list[str]
) -> None:
    assert scripted("recover", *options).exit_code == 2
    assert service.calls == []
