"""Unresponsive receivers and hosts get probes, and do not delay others."""

from __future__ import annotations

import pytest

from doubles import OK, REFUSED, UNREACHABLE
from unit.admission.admission_scene import (
    SHARE,
    STALLED,
    TIMEOUT,
    Worker,
)
from webhooks.admission.admission import Registry
from webhooks.admission.candidate import AdmissionDecision
from webhooks.admission.thresholds import (
    DOUBT_SECONDS,
    MAX_TIMEOUTS_COUNTED,
    PROBE_SLOTS,
    TIMEOUTS_UNTIL_UNRESPONSIVE,
)
from webhooks.admission.unresponsive import Receiver
from webhooks.http.call import Outcome


@pytest.mark.parametrize("outcome", [TIMEOUT, STALLED])
def test_a_receiver_whose_calls_time_out_is_probed(worker: Worker, outcome: Outcome) -> None:
    """Even one that answers 200 at once and never ends its body."""
    worker.each(outcome, TIMEOUTS_UNTIL_UNRESPONSIVE)
    decisions = worker.enter(100)
    assert decisions[AdmissionDecision.NOW] == PROBE_SLOTS // 2
    assert decisions[AdmissionDecision.WAIT] == PROBE_SLOTS
    assert decisions[AdmissionDecision.UNRESPONSIVE] == 100 - PROBE_SLOTS // 2 - PROBE_SLOTS
    assert worker.enter(path="another", account="other") == {AdmissionDecision.NOW: 1}
    assert worker.enter(host="other.example") == {AdmissionDecision.NOW: 1}


def test_calls_waiting_for_a_receiver_that_times_out_get_a_probe_slot_or_are_refused(
    worker: Worker,
) -> None:
    worker.enter(SHARE)
    worker.enter(15)
    decisions = [worker.end(TIMEOUT) for _ in range(TIMEOUTS_UNTIL_UNRESPONSIVE)]
    assert decisions == [
        {AdmissionDecision.NOW: 1},
        {AdmissionDecision.NOW: 1},
        {AdmissionDecision.NOW: PROBE_SLOTS // 2, AdmissionDecision.UNRESPONSIVE: 3},
    ]


def test_an_unresponsive_receiver_delays_no_other_at_its_host(worker: Worker) -> None:
    """Also others of its account: one of many profiles may have an unresponsive receiver."""
    worker.each(OK, path="healthy")
    worker.each(TIMEOUT, MAX_TIMEOUTS_COUNTED)
    worker.each(OK, path="healthy")
    assert worker.enter(100)[AdmissionDecision.NOW] == PROBE_SLOTS // 2
    assert worker.enter(SHARE - PROBE_SLOTS, path="healthy") == {AdmissionDecision.NOW: SHARE - PROBE_SLOTS}


def test_many_unresponsive_receivers_delay_no_other_at_their_host(worker: Worker) -> None:
    for account in "abcdefghijklmnopqrstuvwxyz":
        worker.each(OK, path="healthy", account="other")
        worker.each(TIMEOUT, TIMEOUTS_UNTIL_UNRESPONSIVE, path=account, account=account)
    for account in "abcdefghijklmnopqrstuvwxyz":
        worker.enter(10, path=account, account=account)
    assert len(worker.in_flight) == PROBE_SLOTS
    assert worker.enter(SHARE, path="healthy", account="other") == {AdmissionDecision.NOW: SHARE}


@pytest.mark.parametrize("is_known", [False, True])
def test_at_an_unresponsive_host_a_receiver_gets_one_probe(worker: Worker, is_known: bool) -> None:
    """All of its receivers may hang, and many calls to each would take long to show it.

    Earlier answers do not count.
    """
    if is_known:
        worker.each(OK, path="another")
    worker.seconds += 1
    worker.each(TIMEOUT, TIMEOUTS_UNTIL_UNRESPONSIVE)
    assert worker.enter(3, path="another") == {AdmissionDecision.NOW: 1, AdmissionDecision.WAIT: 2}
    assert worker.end(OK) == {AdmissionDecision.NOW: 2}
    assert worker.enter(SHARE - 2, path="another") == {AdmissionDecision.NOW: SHARE - 2}


@pytest.mark.parametrize("quiet", [1.0, DOUBT_SECONDS + 1.0])
def test_a_receiver_that_answered_is_not_probed_again_while_its_host_times_out(
    worker: Worker, quiet: float
) -> None:
    """Where some answer and some do not, the count of the host goes up and down."""
    worker.each(TIMEOUT, TIMEOUTS_UNTIL_UNRESPONSIVE)
    worker.each(OK, path="another")
    worker.seconds += quiet
    worker.each(TIMEOUT, TIMEOUTS_UNTIL_UNRESPONSIVE)
    worker.seconds += 1
    assert worker.enter(3, path="another")[AdmissionDecision.NOW] == (3 if quiet < DOUBT_SECONDS else 1)


def test_unresponsive_receivers_of_a_host_take_turns_with_its_probes(worker: Worker) -> None:
    """Otherwise the first ones would always get them, and one that answers again would not be noticed."""
    paths = [f"{number}" for number in range(PROBE_SLOTS + 5)]
    for path in paths:
        worker.each(TIMEOUT, TIMEOUTS_UNTIL_UNRESPONSIVE, path=path)
    first = [path for path in paths if worker.enter(path=path) == {AdmissionDecision.NOW: 1}]
    assert first == paths[:PROBE_SLOTS]
    assert worker.end(TIMEOUT) == {AdmissionDecision.NOW: 1}
    assert worker.in_flight[-1].url.endswith(f"/{PROBE_SLOTS}")


def test_one_timeout_is_enough_even_if_other_calls_are_answered(worker: Worker) -> None:
    """With a thousand mostly unresponsive receivers, a hundred slots would soon be full of their calls."""
    worker.each(TIMEOUT, TIMEOUTS_UNTIL_UNRESPONSIVE)
    worker.each(TIMEOUT, path="another")
    worker.each(OK, 10, path="healthy")
    assert worker.enter(SHARE, path="another")[AdmissionDecision.NOW] == PROBE_SLOTS // 2


def test_a_while_after_an_unresponsive_host_its_receivers_are_trusted(worker: Worker) -> None:
    worker.each(TIMEOUT, TIMEOUTS_UNTIL_UNRESPONSIVE)
    worker.each(TIMEOUT, path="another")
    worker.each(OK, 10, path="healthy")
    worker.seconds += DOUBT_SECONDS + 1
    assert worker.enter(SHARE, path="another") == {AdmissionDecision.NOW: SHARE}


def test_receivers_without_a_call_in_flight_are_forgotten_when_there_are_too_many() -> None:
    worker = Worker(remembered=3)
    worker.enter(path="in-flight")
    worker.each(TIMEOUT, TIMEOUTS_UNTIL_UNRESPONSIVE, path="unresponsive")
    for number in range(3):
        worker.each(OK, path=f"{number}")
    assert worker.end(OK) == {}
    assert AdmissionDecision.UNRESPONSIVE not in worker.enter(SHARE, path="unresponsive")


def test_a_registry_keeps_what_is_in_flight_and_forgets_idle_entries() -> None:
    registry = Registry(Receiver, size=2)
    registry["busy"].in_flight = 1
    for number in range(10):
        assert registry[f"{number}"].in_flight == 0
    assert len(registry) <= 2
    assert registry["busy"].in_flight == 1


def test_at_an_unresponsive_host_one_timeout_is_enough(worker: Worker) -> None:
    worker.each(TIMEOUT, TIMEOUTS_UNTIL_UNRESPONSIVE)
    worker.each(TIMEOUT, path="another")
    assert worker.enter(SHARE, path="another")[AdmissionDecision.NOW] == PROBE_SLOTS // 2


@pytest.mark.parametrize("answer", [OK, REFUSED, UNREACHABLE])
def test_a_receiver_is_trusted_again_after_a_few_answers(worker: Worker, answer: Outcome) -> None:
    """One answer among a hundred timeouts is no recovery."""
    worker.each(TIMEOUT, 2 * MAX_TIMEOUTS_COUNTED)
    worker.each(answer)
    assert worker.enter(100)[AdmissionDecision.NOW] == PROBE_SLOTS // 2
    for _ in range(3):
        worker.end(answer)
    assert worker.enter(100)[AdmissionDecision.NOW] > PROBE_SLOTS


def test_a_few_timeouts_among_answers_start_no_probing(worker: Worker) -> None:
    for outcome in [TIMEOUT, TIMEOUT, OK] * 5:
        worker.each(outcome)
    assert worker.enter(SHARE) == {AdmissionDecision.NOW: SHARE}
