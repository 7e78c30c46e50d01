"""Calls as the access log of the receiver lists them."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.bench.calls import Calls, LoggedCall, NotDeliveredError


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "calls.log"


def line(hook_id: str, attempt: int = 1, status: int = 200, ended: float = 1795573436.574, took: float = 0) -> str:
    """Return a line as nginx writes it."""
    return f"{ended:.3f} {took:.3f} 7 {status} {attempt} {hook_id}\n"


def append(log: Path, text: str) -> None:
    with log.open("a") as file:
        file.write(text)


def test_a_call_arrived_at_its_end_minus_its_duration() -> None:
    read = LoggedCall.read("1795573436.574 1.015 1 499 2 UnkDyGjTnc0DLyov7Eey")
    assert read == LoggedCall("UnkDyGjTnc0DLyov7Eey", 2, 1795573435.559, 499, is_first=True)
    assert not LoggedCall.read("1795573436.574 0.000 2 200 1 UnkDyGjTnc0DLyov7Eey").is_first


def test_only_calls_that_end_after_the_start_are_read(log: Path) -> None:
    append(log, line("before"))
    calls = Calls(log)
    append(log, line("after"))
    assert calls.of(["before"]) == {"before": []}
    assert [call.hook_id for call in calls.wait_for(["after"], patience=0)] == ["after"]


def test_an_incomplete_line_is_not_read_yet(log: Path) -> None:
    calls = Calls(log)
    whole = line("one")
    append(log, whole[:20])
    assert calls.of(["one"]) == {"one": []}
    append(log, whole[20:])
    assert len(calls.of(["one"])["one"]) == 1


def test_an_event_whose_calls_all_failed_did_not_arrive(log: Path) -> None:
    calls = Calls(log)
    append(log, line("taken") + line("failed", status=500) + line("hung", status=499))
    with pytest.raises(NotDeliveredError, match="2 of 3 events never came: failed"):
        calls.wait_for(["taken", "failed", "hung"], patience=0)


def test_an_event_arrives_with_its_successful_attempt(log: Path) -> None:
    calls = Calls(log)
    append(log, line("one", 1, 500) + line("one", 2, 200))
    assert [call.attempt for call in calls.wait_for(["one"], patience=0)] == [2]


def test_one_can_wait_for_failed_attempts(log: Path) -> None:
    calls = Calls(log)
    append(log, "".join(line("one", attempt, 500) for attempt in (1, 2)))
    with pytest.raises(NotDeliveredError):
        calls.wait_for(["one"], patience=0, attempts=3)
    append(log, line("one", 3, 500))
    assert [call.attempt for call in calls.wait_for(["one"], patience=0, attempts=3)] == [1, 2, 3]


def test_a_repeated_call_is_returned_twice(log: Path) -> None:
    calls = Calls(log)
    append(log, line("one") + line("one"))
    assert len(calls.wait_for(["one"], patience=0)) == 2
