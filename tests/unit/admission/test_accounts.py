"""Accounts with slow calls leave slots for others."""

from __future__ import annotations

from operator import attrgetter

import pytest

from doubles import OK
from unit.admission.admission_scene import (
    HOST,
    SHARE,
    SLOW,
    TIMEOUT,
    Candidate,
    Worker,
    enter_at_many_hosts,
)
from webhooks.admission.candidate import AdmissionDecision
from webhooks.admission.slots import Slots
from webhooks.admission.thresholds import (
    ACCOUNT_SLOTS,
    PROBE_SLOTS,
    TIMEOUTS_UNTIL_UNRESPONSIVE,
)


def test_a_slow_account_leaves_slots_for_others(worker: Worker) -> None:
    """Of 1,000 slots it gets at most 500, so as many are left for the next account."""
    worker.each(SLOW)
    assert enter_at_many_hosts(worker, 600) == {AdmissionDecision.NOW: 500, AdmissionDecision.ACCOUNT_IS_FULL: 100}
    assert worker.enter(account="other") == {AdmissionDecision.NOW: 1}


def test_an_account_whose_calls_now_hang_is_slow(worker: Worker) -> None:
    """Otherwise quick calls to one host would hide hanging ones at many others."""
    worker.each(OK, 50)
    enter_at_many_hosts(worker, 700)
    worker.seconds += 1
    assert worker.enter() == {AdmissionDecision.ACCOUNT_IS_FULL: 1}


def test_a_slow_account_has_a_few_slots_even_in_a_full_worker() -> None:
    worker = Worker(size=0)
    worker.each(SLOW)
    decisions = enter_at_many_hosts(worker, ACCOUNT_SLOTS + 1)
    assert decisions == {AdmissionDecision.NOW: ACCOUNT_SLOTS, AdmissionDecision.ACCOUNT_IS_FULL: 1}


def test_an_account_that_is_not_slow_may_use_all_slots() -> None:
    """Its slots soon become free."""
    assert enter_at_many_hosts(Worker(size=0), 500) == {AdmissionDecision.NOW: 500}


def test_ended_calls_free_their_slots(worker: Worker) -> None:
    for _ in range(3):
        assert worker.enter(SHARE) == {AdmissionDecision.NOW: SHARE}
        for _ in range(SHARE):
            worker.end(SLOW)


def test_an_account_without_a_call_in_flight_is_forgotten() -> None:
    """Many customers may have their receivers at one provider."""
    slots: Slots[Candidate] = Slots(10, 1, attrgetter("account"), AdmissionDecision.HOST_IS_FULL)
    for number in range(10):
        candidate = Candidate((f"{number}", "token"), f"{number}", HOST, f"https://{HOST}/")
        slots.take(candidate, 0.0)
        assert slots.group_count == 1
        slots.give_back(candidate, OK, 1.0)
    assert slots.group_count == 0


def test_all_waiting_calls_can_be_refused(worker: Worker) -> None:
    worker.enter(SHARE)
    worker.enter(2)
    assert len(worker.admission.clear()) == 2
    assert worker.admission.clear() == []
    assert worker.end(OK) == {}


@pytest.mark.parametrize("most_calls", [76, 200, 1000])
def test_a_slow_host_leaves_slots_for_others_in_a_small_worker(most_calls: int) -> None:
    """With a low limit of open files a worker makes few calls at a time."""
    worker = Worker(most_calls, most_calls)
    for account in range(20):
        worker.enter(most_calls, account=f"{account}")
    assert len(worker.in_flight) <= most_calls // 2


@pytest.mark.parametrize("most_calls", [76, 200, 1000])
def test_a_slow_account_leaves_slots_for_others_in_a_small_worker(most_calls: int) -> None:
    worker = Worker(most_calls, most_calls)
    worker.each(SLOW, host="slow.example")
    decisions = enter_at_many_hosts(worker, most_calls)
    assert decisions[AdmissionDecision.ACCOUNT_IS_FULL] >= most_calls // 4


def test_a_call_that_was_not_made_frees_its_slot_and_counts_for_nothing(worker: Worker) -> None:
    for _ in range(2 * TIMEOUTS_UNTIL_UNRESPONSIVE):
        assert worker.enter() == {AdmissionDecision.NOW: 1}
        assert worker.admission.leave(worker.in_flight.pop(), None) == []
    worker.each(TIMEOUT, TIMEOUTS_UNTIL_UNRESPONSIVE)
    assert worker.enter() == {AdmissionDecision.NOW: 1}
    worker.admission.leave(worker.in_flight.pop(), None)
    assert worker.enter(100)[AdmissionDecision.NOW] == PROBE_SLOTS // 2  # nor that it answers again
