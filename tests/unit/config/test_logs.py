"""Logs are lines of JSON, whatever values they have."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import structlog

from config.logs import configure_logs

Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> Iterator[Lines]:
    """Return the lines that were written since the start of the test."""
    written = io.BytesIO()
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(written, write_through=True))
    root = logging.getLogger()
    before, level = root.handlers, root.level
    configure_logs()
    yield lambda: [json.loads(line) for line in written.getvalue().splitlines()]
    structlog.reset_defaults()
    root.handlers = before
    root.setLevel(level)


def test_an_event_is_one_line(logged: Lines) -> None:
    structlog.get_logger().info("delivery.interrupted_too_often", hook_id="abc", reason="zu groß\u2028")
    (line,) = logged()
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "delivery.interrupted_too_often",
        "level": "info",
        "hook_id": "abc",
        "reason": "zu groß\u2028",
    }


def test_an_event_about_many_ids_is_a_line_for_each(logged: Lines) -> None:
    structlog.get_logger().info("delivery.attempted", each=[{"hook_id": "a"}, {"hook_id": "b"}])
    lines = logged()
    assert [line["hook_id"] for line in lines] == ["a", "b"]
    assert {line["event"] for line in lines} == {"delivery.attempted"}
    assert len({line["timestamp"] for line in lines}) == 1


@pytest.mark.parametrize("value", ["\ud800", 10**40, {1}, ValueError("no")])
def test_a_value_of_any_type_can_be_logged(logged: Lines, value: object) -> None:
    structlog.get_logger().info("odd", value=value)
    structlog.get_logger().info("next")
    assert [line["event"] for line in logged()] == ["odd", "next"]


def test_an_exception_comes_with_its_traceback(logged: Lines) -> None:
    structlog.get_logger().error("failed", exc_info=ZeroDivisionError("by nothing"))
    (line,) = logged()
    assert "ZeroDivisionError: by nothing" in line["exception"]


def test_warnings_of_libraries_are_logged_too(logged: Lines) -> None:
    logging.getLogger("kombu").warning("Connection lost: %s", "gone")
    logging.getLogger("kombu").info("Connected")
    (line,) = logged()
    assert line["event"] == "Connection lost: gone"
    assert line["level"] == "warning"
