"""The calls as the receiver's access log has them."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.bench.calls import Call, Calls, NotDeliveredError


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "calls.log"


def line(hook_id: str, attempt: int = 1, status: int = 200, ended: float = 1795573436.574, took: float = 0) -> str:
    """Return a line as nginx writes it."""
    return f"{ended:.3f} {took:.3f} 7 {status} {attempt} {hook_id}\n"


def append(log: Path, text: str) -> None:
    with log.open("a") as file:
        file.write(text)


def test_a_call_arrived_when_it_ended_less_what_it_took() -> None:
    read = Call.read("1795573436.574 1.015 1 499 2 UnkDyGjTnc0DLyov7Eey")
    assert read == Call("UnkDyGjTnc0DLyov7Eey", 2, 1795573435.559, 499, is_first=True)
    assert not Call.read("1795573436.574 0.000 2 200 1 UnkDyGjTnc0DLyov7Eey").is_first


def test_calls_are_those_that_end_after_it_was_asked_for_them(log: Path) -> None:
    append(log, line("before"))
    calls = Calls(log)
    append(log, line("after"))
    assert calls.of(["before"]) == {"before": []}
    assert [call.hook_id for call in calls.wait_for(["after"], patience=0)] == ["after"]


def test_a_line_is_read_when_it_is_whole(log: Path) -> None:
    calls = Calls(log)
    whole = line("one")
    append(log, whole[:20])
    assert calls.of(["one"]) == {"one": []}
    append(log, whole[20:])
    assert len(calls.of(["one"])["one"]) == 1


def test_an_event_whose_calls_all_failed_never_came(log: Path) -> None:
    calls = Calls(log)
    append(log, line("taken") + line("failed", status=500) + line("hung", status=499))
    with pytest.raises(NotDeliveredError, match="2 of 3 events never came: failed"):
        calls.wait_for(["taken", "failed", "hung"], patience=0)


def test_an_event_is_taken_by_whichever_attempt_succeeds(log: Path) -> None:
    calls = Calls(log)
    append(log, line("one", 1, 500) + line("one", 2, 200))
    assert [call.attempt for call in calls.wait_for(["one"], patience=0)] == [2]


def test_attempts_can_be_waited_for_though_they_fail(log: Path) -> None:
    calls = Calls(log)
    append(log, "".join(line("one", attempt, 500) for attempt in (1, 2)))
    with pytest.raises(NotDeliveredError):
        calls.wait_for(["one"], patience=0, attempts=3)
    append(log, line("one", 3, 500))
    assert [call.attempt for call in calls.wait_for(["one"], patience=0, attempts=3)] == [1, 2, 3]


def test_a_call_that_came_twice_is_returned_twice(log: Path) -> None:
    calls = Calls(log)
    append(log, line("one") + line("one"))
    assert len(calls.wait_for(["one"], patience=0)) == 2
