"""The slots of a host: no account takes all of them, and calls wait for a slot briefly."""

from __future__ import annotations

import pytest

from doubles import OK
from unit.admission.admission_scene import (
    SHARE,
    SLOW,
    Worker,
)
from webhooks.admission.candidate import AdmissionDecision
from webhooks.admission.thresholds import (
    HOST_SLOTS,
    MAX_WAIT,
)
from webhooks.http.call import Outcome


def test_each_host_has_a_limited_number_of_calls_in_flight(worker: Worker) -> None:
    for account in "abcdefghijklmnopqrstuvwxyz":
        worker.enter(SHARE, account=account)
    assert len(worker.in_flight) == HOST_SLOTS
    assert worker.enter(host="other.example") == {AdmissionDecision.NOW: 1}


def test_one_account_leaves_slots_of_a_host_to_others(worker: Worker) -> None:
    """Many customers may have their receivers at one provider."""
    assert worker.enter(SHARE + 1) == {AdmissionDecision.NOW: SHARE, AdmissionDecision.WAIT: 1}
    assert worker.enter(account="other") == {AdmissionDecision.NOW: 1}


@pytest.mark.parametrize(
    ("host", "is_the_same"),
    [
        ("HOOKS.example", True),
        ("hooks.example:443", True),
        ("hooks.example:8443", False),
        ("a.hooks.example", False),
    ],
)
def test_a_host_is_its_name_and_its_port(worker: Worker, host: str, is_the_same: bool) -> None:
    worker.enter(SHARE)
    assert worker.enter(host=host) == {AdmissionDecision.WAIT if is_the_same else AdmissionDecision.NOW: 1}


def test_a_few_calls_wait_and_the_rest_are_refused(worker: Worker) -> None:
    """As many as the host has slots, while the duration of its calls is unknown."""
    worker.enter(SHARE)
    assert worker.enter(HOST_SLOTS + 1) == {AdmissionDecision.WAIT: HOST_SLOTS, AdmissionDecision.HOST_IS_FULL: 1}


@pytest.mark.parametrize(("seconds", "waiting"), [(0.01, 10_000), (0.5, 200), (2.0, 50), (8.0, 13)])
def test_as_many_calls_wait_for_a_host_as_it_answers_in_a_second(
    worker: Worker, seconds: float, waiting: int
) -> None:
    """Refusing them would cost more than the wait, and no lease expires meanwhile."""
    worker.each(Outcome(200, None, round(seconds * 1000)))
    worker.enter(SHARE)
    assert worker.enter(waiting + 1) == {AdmissionDecision.WAIT: waiting, AdmissionDecision.HOST_IS_FULL: 1}


def test_fewer_calls_wait_for_a_quick_host_that_now_hangs(worker: Worker) -> None:
    """The age of its calls shows it, long before the first of them ends."""
    worker.each(OK)
    worker.enter(SHARE)
    worker.seconds += 5
    assert worker.enter(100) == {AdmissionDecision.WAIT: 20, AdmissionDecision.HOST_IS_FULL: 80}


def test_a_few_slow_calls_do_not_shorten_the_line_of_a_quick_host(worker: Worker) -> None:
    """The calls that it answers meanwhile show that it does not hang."""
    worker.each(OK)
    worker.enter(SHARE)
    worker.seconds += 5
    worker.end(Outcome(200, None, 10), -1)
    assert worker.enter(200) == {AdmissionDecision.NOW: 1, AdmissionDecision.WAIT: 199}


def test_a_waiting_call_starts_when_a_slot_is_free(worker: Worker) -> None:
    worker.enter(SHARE)
    assert worker.enter(2) == {AdmissionDecision.WAIT: 2}
    assert worker.end(SLOW) == {AdmissionDecision.NOW: 1}
    assert worker.end(SLOW) == {AdmissionDecision.NOW: 1}
    assert worker.end(SLOW) == {}


def test_an_account_with_a_full_share_delays_no_other_in_the_line(worker: Worker) -> None:
    worker.enter(SHARE)
    worker.enter(2)
    others = HOST_SLOTS - SHARE
    for account in "abcdefghijklmnopqrstuvwxyz"[:others]:
        worker.enter(account=account)
    assert worker.enter(account="z") == {AdmissionDecision.WAIT: 1}
    worker.end(OK)
    assert worker.in_flight[-1].account == "z"


def test_waiting_accounts_take_turns(worker: Worker) -> None:
    for number in range(HOST_SLOTS):
        worker.enter(account=f"{number}")
    for account in "aaabbc":
        assert worker.enter(account=account) == {AdmissionDecision.WAIT: 1}
    for _ in range(6):
        worker.end(OK)
    assert "".join(call.account for call in worker.in_flight[-6:]) == "abcaba"


def test_a_call_that_has_waited_too_long_is_refused(worker: Worker) -> None:
    """The lease runs meanwhile, and it must outlive the call."""
    worker.enter(SHARE)
    worker.enter(1)
    worker.seconds += MAX_WAIT + 0.1
    worker.enter(1)
    assert worker.end(SLOW) == {AdmissionDecision.HOST_IS_FULL: 1, AdmissionDecision.NOW: 1}


def test_a_long_wait_is_refused_even_if_no_call_ends(worker: Worker) -> None:
    worker.enter(SHARE)
    worker.enter(3)
    assert worker.admission.overdue() == []
    worker.seconds += MAX_WAIT + 0.1
    assert len(worker.admission.overdue()) == 3
    assert worker.end(SLOW) == {}
