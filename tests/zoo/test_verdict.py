"""What the harness counts as wrong, with evidence written by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from harness.zoo.answers import ok
from harness.zoo.behaviour import Behaviour, behaviour
from harness.zoo.connection import Connection
from harness.zoo.evidence import Evidence, FirstAttempt, first_attempt
from harness.zoo.expected import (
    Ending,
    Expected,
    delivered,
    either,
    failed,
    not_asked,
    not_reached,
    refused,
    timed_out,
)
from harness.zoo.verdict import MAX_KEPT, Terms, judge
from webhooks_local.receiver.calls import Call

TERMS = Terms(timeout=10.0, slack=0.5, calls=1)
OK = Ending("delivered", 200, None, None)
MEGABYTE = 1024 * 1024


def behaving(expected: Expected, padding: int = 0) -> Behaviour:
    """Return a behaviour with this expectation."""

    @behaviour(expected, padding=padding)
    def some(connection: Connection) -> None:
        """Do something."""
        connection.send(ok())

    return some


def call(path: str = "/some", cookie: str | None = None) -> Call:
    return Call(path, "POST", [("Cookie", cookie)] if cookie else [], b"{}", 0.0)


GOOD = Evidence(
    events=1, attempts=[FirstAttempt(OK, 0.1, 2)], calls=[call()], connections=1, growth=0, growth_after=0
)


def wrong(expected: Expected, padding: int = 0, **change: Any) -> str:
    """Judge the evidence of one good call, with this change."""
    return " ".join(judge(behaving(expected, padding), replace(GOOD, **change), TERMS))


def ended(
    state: str, status: int | None, error: str | None = None, detail: str | None = None, seconds: float = 0.1
) -> list[FirstAttempt]:
    return [FirstAttempt(Ending(state, status, error, detail), seconds, 0)]


def test_an_expected_ending_passes() -> None:
    assert wrong(delivered()) == ""


@pytest.mark.parametrize(
    ("expected", "attempts", "requests"),
    [
        (delivered(204), ended("delivered", 204), 1),
        (delivered(detail="body_reset"), ended("delivered", 200, None, "body_reset"), 1),
        (refused(302), ended("retrying", 302), 1),
        (failed("reset"), ended("retrying", None, "reset"), 1),
        (not_asked("tls", "expired"), ended("retrying", None, "tls", "expired"), 0),
        (timed_out(), ended("retrying", 503, "timeout", seconds=10.01), 1),
        (either(not_asked("tls"), not_asked("connect")), ended("retrying", None, "connect"), 0),
        (either(not_reached("timeout"), not_reached("dns")), ended("retrying", None, "dns", seconds=8.0), 0),
    ],
)
def test_each_expectation_can_be_met(expected: Expected, attempts: list[FirstAttempt], requests: int) -> None:
    connections = 1 if expected.reached else 0
    assert wrong(expected, attempts=attempts, calls=[call()] * requests, connections=connections) == ""


@pytest.mark.parametrize(
    "attempts",
    [
        ended("retrying", 200),
        ended("delivered", 204),
        ended("delivered", 200, "reset"),
        ended("delivered", 200, None, "body_reset"),
    ],
)
def test_another_ending_fails(attempts: list[FirstAttempt]) -> None:
    """Whichever part of the ending differs."""
    assert "not delivered 200." in wrong(delivered(), attempts=attempts)


def test_an_attempt_that_does_not_end_fails() -> None:
    assert wrong(delivered(), attempts=[]) == "1 of 1 attempts had not ended in time."


def test_a_run_without_accepted_events_fails() -> None:
    assert wrong(delivered(), events=0, attempts=[], calls=[], connections=0) == "No event was accepted."


@pytest.mark.parametrize(
    ("expected", "seconds", "sentence"),
    [
        (timed_out(), 10.6, "An attempt took 10.60 s."),
        (timed_out(), 5.0, "An attempt ended after 5.00 s, before its deadline."),
        (refused(500), 10.0, "An attempt waited for its deadline: 10.00 s."),
    ],
)
def test_an_attempt_takes_the_time_that_it_should(expected: Expected, seconds: float, sentence: str) -> None:
    attempts = [FirstAttempt(expected.endings[0], seconds, 0)]
    assert wrong(expected, attempts=attempts) == sentence


def test_an_answer_is_kept_up_to_its_limit() -> None:
    assert wrong(delivered(), attempts=[FirstAttempt(OK, 0.1, MAX_KEPT)]) == ""
    assert "were kept" in wrong(delivered(), attempts=[FirstAttempt(OK, 0.1, MAX_KEPT + 1)])


def test_a_growing_worker_fails() -> None:
    assert "The worker grew" in wrong(delivered(), growth=9 * MEGABYTE)
    assert wrong(delivered(), padding=MEGABYTE, growth=9 * MEGABYTE) == "", "it has to hold a longer event"


def test_a_receiver_must_get_the_expected_number_of_calls() -> None:
    assert wrong(delivered(), calls=[call(), call()]) == "For 1 events it was asked 2 times."
    assert wrong(delivered(), calls=[]) == "For 1 events it was asked 0 times."
    assert wrong(delivered(requests=None), calls=[call(), call()]) == ""
    for calls in ([call()], [call()] * 3):
        assert "not once and sometimes again" in wrong(delivered(requests=None), calls=calls)


def test_a_followed_redirect_fails() -> None:
    assert "It was asked for /elsewhere." in wrong(delivered(), calls=[call("/elsewhere")])


def test_a_returned_cookie_fails() -> None:
    assert wrong(delivered(), calls=[call(cookie="zoo=1")]) == "A call brought a cookie."


def test_a_forbidden_connection_fails() -> None:
    blocked = ended("retrying", None, "blocked")
    assert wrong(not_reached("blocked"), attempts=blocked, calls=[]) == "1 connections were made."


def test_an_attempt_is_read_from_the_log() -> None:
    logged = {"status": None, "error": "tls", "detail": "expired", "ms": 1500, "body": "no"}
    assert first_attempt({"state": "queued", "attempts": []}) is None
    assert first_attempt({"state": "retrying", "attempts": [logged, {}]}) == FirstAttempt(
        Ending("retrying", None, "tls", "expired"), 1.5, 2
    )
