"""Which events the harness counts as lost, repeated and late, with records written by hand."""

from __future__ import annotations

import pytest

from harness.chaos.records import Call, Logged, LoggedAttempt, NotedAnswer
from harness.chaos.verdict import Lateness, Records, Terms, Verdict, judge, spread

TERMS = Terms(delays=(5.0, 30.0), lease=15.0, hopeless=frozenset({"/failing"}))
DELIVERED = Logged("delivered")


def judged(
    calls: list[Call], logged: Logged | None, rounds: list[tuple[float, float]] | None = None, at: float = 100.0
) -> Verdict:
    """Judge one event that was answered 202 at `at`."""
    log = {} if logged is None else {"one": logged}
    return judge(Records([NotedAnswer(at, 0.01, 202, ("one",))], calls, log, rounds or []), TERMS)


def call(
    arrived: float, attempt: int = 1, status: int | None = 200, retry: bool | None = None, path: str = "/ok"
) -> Call:
    """Make a call that was answered at once, or never if it has no status."""
    answered = None if status is None else arrived
    return Call("one", attempt, attempt > 1 if retry is None else retry, path, 4711, arrived, answered, status)


def test_a_delivered_event_is_not_lost() -> None:
    verdict = judged([call(100.2)], DELIVERED)
    assert (verdict.accepted, verdict.delivered, verdict.exhausted, verdict.lost) == (1, 1, 0, ())
    assert (verdict.duplicates, verdict.recovery) == (0, 0.0)


@pytest.mark.parametrize("state", ["queued", "retrying", "unknown", "canceled"])
def test_an_event_that_is_still_owed_is_lost(state: str) -> None:
    assert judged([call(100.2)], Logged(state)).lost == ("one",)


def test_an_event_that_is_missing_in_the_log_is_lost() -> None:
    assert judged([call(100.2)], None).lost == ("one",)


@pytest.mark.parametrize("calls", [[], [call(100.2, status=500)], [call(100.2, status=None)]])
def test_a_delivered_event_without_a_successful_call_is_lost(calls: list[Call]) -> None:
    """The harness does not trust the log alone."""
    assert judged(calls, DELIVERED).lost == ("one",)


def test_an_exhausted_event_is_not_lost() -> None:
    calls = [call(at, attempt, 500, path="/failing") for attempt, at in enumerate((100, 105, 135), 1)]
    verdict = judged(calls, Logged("exhausted"))
    assert (verdict.lost, verdict.exhausted, verdict.given_up) == ((), 1, 0)


@pytest.mark.parametrize("calls", [[], [call(100, status=None)]])
def test_exhausting_an_event_of_a_healthy_receiver_is_a_fault(calls: list[Call]) -> None:
    """All of its attempts were interrupted: the log is consistent, and yet the receiver did not get the event."""
    assert judged(calls, Logged("exhausted")).given_up == 1


def test_a_second_call_of_an_attempt_is_a_duplicate() -> None:
    verdict = judged([call(100.1), call(100.2), call(100.3, retry=True)], DELIVERED)
    assert (verdict.duplicates, verdict.unmarked) == (2, 1)
    assert verdict.repeats == {("one", 1): 2}


@pytest.mark.parametrize(("number", "unlogged"), [(1, 0), (2, 1)])
def test_a_repeated_attempt_is_marked_interrupted_in_the_log(number: int, unlogged: int) -> None:
    logged = Logged("delivered", (LoggedAttempt(number, 100.0, retry=False, interrupted=True),))
    assert judged([call(100.1, status=None), call(116, retry=True)], logged).unlogged == unlogged


def test_a_retry_is_no_duplicate() -> None:
    assert judged([call(100, 1, 500), call(105, 2)], DELIVERED).duplicates == 0


def test_a_retry_is_timed_from_the_previous_answer() -> None:
    """The time that the receiver took to answer does not count."""
    slow = Call("one", 1, False, "/slow", 4711, arrived=100.0, answered=101.5, status=500)
    verdict = judged([slow, call(108.5, 2)], DELIVERED)
    assert verdict.retry_late == Lateness(2.0, 2.0, 2.0)
    assert verdict.waiting_late == 2.0


def test_an_interrupted_retry_has_no_delay() -> None:
    """Its worker was killed before the receiver saw a call, so it is late by its lease."""
    logged = Logged("delivered", (LoggedAttempt(2, 105.0, retry=True, interrupted=True),))
    verdict = judged([call(100, 1, 500), call(121, 2)], logged)
    assert (verdict.retry_late.most, verdict.waiting_late) == (16.0, 0.0)
    assert verdict.repeat_late == pytest.approx(1.0)


@pytest.mark.parametrize(("arrived", "late"), [(116.0, 0.0), (150.0, 0.0), (153.0, 2.0)])
def test_a_call_interrupted_twice_may_be_two_leases_late(arrived: float, late: float) -> None:
    interrupted = (LoggedAttempt(1, at, retry=False, interrupted=True) for at in (91.0, 106.0))
    calls = [call(91, status=None), call(106, status=None), call(arrived, retry=True)]
    assert judged(calls, Logged("delivered", tuple(interrupted))).repeat_late == pytest.approx(late)


def test_recovery_ends_with_the_last_late_call() -> None:
    """Calls that are late by less than a second do not count, nor does anything before the end of the fault."""
    assert judged([call(109.0)], DELIVERED, [(102.0, 104.0)]).recovery == pytest.approx(5.0)
    assert judged([call(100.9)], DELIVERED, [(99.0, 100.0)]).recovery == 0.0
    assert judged([call(103.0)], DELIVERED, [(101.0, 104.0)]).recovery == 0.0


def test_the_recovery_of_a_round_ends_with_the_next_round() -> None:
    assert judged([call(109.0)], DELIVERED, [(101.0, 102.0), (105.0, 106.0)]).recovery == pytest.approx(3.0)


def test_an_answer_that_is_no_202_is_a_failed_ingest() -> None:
    answers = [NotedAnswer(1, 0.5, 202, ("one",)), NotedAnswer(2, 2.5, 503), NotedAnswer(3, 0.1, None)]
    verdict = judge(Records(answers, [call(1.1)], {"one": DELIVERED}), TERMS)
    assert (verdict.accepted, verdict.failed_ingests, verdict.slowest_ingest) == (1, 2, 2.5)
    assert verdict.refusals == {503: 1, None: 1}


def test_an_event_without_a_202_cannot_be_lost() -> None:
    """The API may die between storing an event and answering."""
    verdict = judge(
        Records([NotedAnswer(1, 0.1, None)], [call(5.0, status=None), call(20.0, retry=True)], {}), TERMS
    )
    assert (verdict.accepted, verdict.lost, verdict.unlogged) == (0, (), 0)


def test_a_spread_consists_of_measured_values() -> None:
    assert spread(float(number) for number in range(1, 101)) == Lateness(50.0, 99.0, 100.0)
    assert spread([]) == Lateness()
