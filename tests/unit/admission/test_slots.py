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


def test_a_host_has_so_many_calls_in_flight_and_others_have_theirs(worker: Worker) -> None:
    for account in "abcdefghijklmnopqrstuvwxyz":
        worker.enter(SHARE, account=account)
    assert len(worker.in_flight) == HOST_SLOTS
    assert worker.enter(host="other.example") == {AdmissionDecision.NOW: 1}


def test_one_account_leaves_some_of_a_hosts_slots_to_others(worker: Worker) -> None:
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


def test_a_few_wait_and_the_rest_comes_back_later(worker: Worker) -> None:
    """As many as a host has slots, while no one knows how long its calls take."""
    worker.enter(SHARE)
    assert worker.enter(HOST_SLOTS + 1) == {AdmissionDecision.WAIT: HOST_SLOTS, AdmissionDecision.HOST_IS_FULL: 1}


@pytest.mark.parametrize(("seconds", "waiting"), [(0.01, 10_000), (0.5, 200), (2.0, 50), (8.0, 13)])
def test_as_many_wait_for_a_host_as_it_answers_in_a_second(worker: Worker, seconds: float, waiting: int) -> None:
    """Sending them away would cost more than the wait; and no lease runs out by it."""
    worker.each(Outcome(200, None, round(seconds * 1000)))
    worker.enter(SHARE)
    assert worker.enter(waiting + 1) == {AdmissionDecision.WAIT: waiting, AdmissionDecision.HOST_IS_FULL: 1}


def test_fewer_wait_for_a_quick_host_that_has_begun_to_do_not_respond(worker: Worker) -> None:
    """It is told by the age of its calls, long before the first of them has ended."""
    worker.each(OK)
    worker.enter(SHARE)
    worker.seconds += 5
    assert worker.enter(100) == {AdmissionDecision.WAIT: 20, AdmissionDecision.HOST_IS_FULL: 80}


def test_as_many_wait_for_a_quick_host_that_takes_its_time_over_some_calls(worker: Worker) -> None:
    """What it answers meanwhile tells that it does not hang."""
    worker.each(OK)
    worker.enter(SHARE)
    worker.seconds += 5
    worker.end(Outcome(200, None, 10), -1)
    assert worker.enter(200) == {AdmissionDecision.NOW: 1, AdmissionDecision.WAIT: 199}


def test_who_waits_is_called_when_a_slot_is_free(worker: Worker) -> None:
    worker.enter(SHARE)
    assert worker.enter(2) == {AdmissionDecision.WAIT: 2}
    assert worker.end(SLOW) == {AdmissionDecision.NOW: 1}
    assert worker.end(SLOW) == {AdmissionDecision.NOW: 1}
    assert worker.end(SLOW) == {}


def test_who_waits_is_not_held_up_by_an_account_that_has_its_share(worker: Worker) -> None:
    worker.enter(SHARE)
    worker.enter(2)
    others = HOST_SLOTS - SHARE
    for account in "abcdefghijklmnopqrstuvwxyz"[:others]:
        worker.enter(account=account)
    assert worker.enter(account="z") == {AdmissionDecision.WAIT: 1}
    worker.end(OK)
    assert worker.in_flight[-1].account == "z"


def test_accounts_that_wait_take_turns(worker: Worker) -> None:
    for number in range(HOST_SLOTS):
        worker.enter(account=f"{number}")
    for account in "aaabbc":
        assert worker.enter(account=account) == {AdmissionDecision.WAIT: 1}
    for _ in range(6):
        worker.end(OK)
    assert "".join(call.account for call in worker.in_flight[-6:]) == "abcaba"


def test_who_has_waited_for_long_comes_back_later(worker: Worker) -> None:
    """The lease runs meanwhile, and it must outlive the call."""
    worker.enter(SHARE)
    worker.enter(1)
    worker.seconds += MAX_WAIT + 0.1
    worker.enter(1)
    assert worker.end(SLOW) == {AdmissionDecision.HOST_IS_FULL: 1, AdmissionDecision.NOW: 1}


def test_who_has_waited_for_long_need_not_wait_for_a_call_to_end(worker: Worker) -> None:
    worker.enter(SHARE)
    worker.enter(3)
    assert worker.admission.overdue() == []
    worker.seconds += MAX_WAIT + 0.1
    assert len(worker.admission.overdue()) == 3
    assert worker.end(SLOW) == {}
