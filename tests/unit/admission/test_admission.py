"""Traffic: no host and no account takes the places of others."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import count
from operator import attrgetter

import pytest

from doubles import OK, REFUSED, UNREACHABLE
from webhooks.admission.admission import Admission, Registry
from webhooks.admission.candidate import AdmissionDecision
from webhooks.admission.slots import Slots
from webhooks.admission.thresholds import (
    ACCOUNT_SLOTS,
    DOUBT_SECONDS,
    HOST_SLOTS,
    MAX_REMEMBERED,
    MAX_TIMEOUTS_COUNTED,
    MAX_WAIT,
    PROBE_SLOTS,
    TIMEOUTS_UNTIL_UNRESPONSIVE,
)
from webhooks.admission.unresponsive import Receiver
from webhooks.http.call import Detail, Failure, Outcome
from webhooks.http.destinations import read_url

HOST = "hooks.example"
TIMEOUT = Outcome(503, Failure.TIMEOUT, 10_000)
STALLED = Outcome(200, None, 10_000, Detail.BODY_TIMEOUT)
SLOW = Outcome(200, None, 2_000)
#: What one account may have in flight to a host, if nobody else calls it.
SHARE = HOST_SLOTS * 3 // 4


@dataclass(frozen=True)
class Candidate:
    """A call that asks for admission."""

    key: tuple[str, str]
    account: str
    host: str
    url: str


class Worker:
    """A worker's traffic, the calls that are under way, and a clock that stands still until a test moves it."""

    def __init__(self, size: int = 1000, most_calls: int = 1000, remembered: int = MAX_REMEMBERED) -> None:
        self.seconds = 1000.0
        self.in_flight: list[Candidate] = []
        self._size = size
        self._numbers = count()
        self.admission: Admission[Candidate] = Admission(
            lambda: self._size - len(self.in_flight), lambda: self.seconds, most_calls, remembered
        )

    def call(self, host: str = HOST, account: str = "acme", path: str = "hooks") -> Candidate:
        """Return a call that is like no other."""
        destination = read_url(f"https://{host}/{path}")
        return Candidate((f"{next(self._numbers)}", "token"), account, destination.host_and_port, destination.url)

    def enter(self, calls: int = 1, **where: str) -> Counter[AdmissionDecision]:
        """Have so many calls come; return how many got which turn."""
        decisions: Counter[AdmissionDecision] = Counter()
        for _ in range(calls):
            call = self.call(**where)
            decision = self.admission.enter(call)
            decisions[decision] += 1
            if decision is AdmissionDecision.NOW:
                self.in_flight.append(call)
        return decisions

    def end(self, outcome: Outcome, place: int = 0) -> Counter[AdmissionDecision]:
        """End a call; return what becomes of those whose waiting is over by that."""
        decisions = self.admission.leave(self.in_flight.pop(place), outcome)
        self.in_flight += [call for call, decision in decisions if decision is AdmissionDecision.NOW]
        return Counter(decision for _, decision in decisions)

    def each(self, outcome: Outcome, calls: int = 1, **where: str) -> None:
        """Make calls one after another that all end like this."""
        for _ in range(calls):
            assert self.enter(1, **where) == {AdmissionDecision.NOW: 1}
            self.end(outcome, -1)


@pytest.fixture
def worker() -> Worker:
    return Worker()


def test_a_host_has_so_many_calls_in_flight_and_others_have_theirs(worker: Worker) -> None:
    for account in "abcdefghijklmnopqrstuvwxyz":
        worker.enter(SHARE, account=account)
    assert len(worker.in_flight) == HOST_SLOTS
    assert worker.enter(host="other.example") == {AdmissionDecision.NOW: 1}


def test_one_account_leaves_some_of_a_hosts_places_to_others(worker: Worker) -> None:
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
    """As many as a host has places, while nobody knows how long its calls take."""
    worker.enter(SHARE)
    assert worker.enter(HOST_SLOTS + 1) == {AdmissionDecision.WAIT: HOST_SLOTS, AdmissionDecision.HOST_IS_FULL: 1}


@pytest.mark.parametrize(("seconds", "waiting"), [(0.01, 10_000), (0.5, 200), (2.0, 50), (8.0, 13)])
def test_as_many_wait_for_a_host_as_it_answers_in_a_second(worker: Worker, seconds: float, waiting: int) -> None:
    """Sending them away would cost more than the wait; and no lease runs out by it."""
    worker.each(Outcome(200, None, round(seconds * 1000)))
    worker.enter(SHARE)
    assert worker.enter(waiting + 1) == {AdmissionDecision.WAIT: waiting, AdmissionDecision.HOST_IS_FULL: 1}


def test_fewer_wait_for_a_quick_host_that_has_begun_to_hang(worker: Worker) -> None:
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


def test_who_waits_is_called_when_a_place_is_free(worker: Worker) -> None:
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


@pytest.mark.parametrize("outcome", [TIMEOUT, STALLED])
def test_a_receiver_that_keeps_calls_until_their_deadline_is_tried_gently(
    worker: Worker, outcome: Outcome
) -> None:
    """Even one that answers 200 at once and then never ends its body."""
    worker.each(outcome, TIMEOUTS_UNTIL_UNRESPONSIVE)
    decisions = worker.enter(100)
    assert decisions[AdmissionDecision.NOW] == PROBE_SLOTS // 2
    assert decisions[AdmissionDecision.WAIT] == PROBE_SLOTS
    assert decisions[AdmissionDecision.UNRESPONSIVE] == 100 - PROBE_SLOTS // 2 - PROBE_SLOTS
    assert worker.enter(path="another", account="other") == {AdmissionDecision.NOW: 1}
    assert worker.enter(host="other.example") == {AdmissionDecision.NOW: 1}


def test_who_waits_for_a_receiver_that_keeps_timing_out_gets_one_of_few_places_or_is_sent_away(
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


def test_a_receiver_that_hangs_holds_up_no_other_at_its_host(worker: Worker) -> None:
    """Also of its own account: of many profiles one may have a receiver that hangs."""
    worker.each(OK, path="healthy")
    worker.each(TIMEOUT, MAX_TIMEOUTS_COUNTED)
    worker.each(OK, path="healthy")
    assert worker.enter(100)[AdmissionDecision.NOW] == PROBE_SLOTS // 2
    assert worker.enter(SHARE - PROBE_SLOTS, path="healthy") == {AdmissionDecision.NOW: SHARE - PROBE_SLOTS}


def test_many_receivers_that_hang_hold_up_no_other_at_their_host(worker: Worker) -> None:
    for account in "abcdefghijklmnopqrstuvwxyz":
        worker.each(OK, path="healthy", account="other")
        worker.each(TIMEOUT, TIMEOUTS_UNTIL_UNRESPONSIVE, path=account, account=account)
    for account in "abcdefghijklmnopqrstuvwxyz":
        worker.enter(10, path=account, account=account)
    assert len(worker.in_flight) == PROBE_SLOTS
    assert worker.enter(SHARE, path="healthy", account="other") == {AdmissionDecision.NOW: SHARE}


@pytest.mark.parametrize("is_known", [False, True])
def test_at_a_host_that_hangs_a_receiver_is_tried_by_one_call(worker: Worker, is_known: bool) -> None:
    """All may hang there, and many calls to each would take long to tell. That it answered before says nothing."""
    if is_known:
        worker.each(OK, path="another")
    worker.seconds += 1
    worker.each(TIMEOUT, TIMEOUTS_UNTIL_UNRESPONSIVE)
    assert worker.enter(3, path="another") == {AdmissionDecision.NOW: 1, AdmissionDecision.WAIT: 2}
    assert worker.end(OK) == {AdmissionDecision.NOW: 2}
    assert worker.enter(SHARE - 2, path="another") == {AdmissionDecision.NOW: SHARE - 2}


@pytest.mark.parametrize("quiet", [1.0, DOUBT_SECONDS + 1.0])
def test_a_receiver_that_has_answered_is_not_tried_again_as_a_host_hangs_on(worker: Worker, quiet: float) -> None:
    """Where some answer and some do not, it may be the host that hangs or not, from one call to the next."""
    worker.each(TIMEOUT, TIMEOUTS_UNTIL_UNRESPONSIVE)
    worker.each(OK, path="another")
    worker.seconds += quiet
    worker.each(TIMEOUT, TIMEOUTS_UNTIL_UNRESPONSIVE)
    worker.seconds += 1
    assert worker.enter(3, path="another")[AdmissionDecision.NOW] == (3 if quiet < DOUBT_SECONDS else 1)


def test_receivers_that_hang_at_a_host_have_its_few_places_in_turn(worker: Worker) -> None:
    """Else those that came first would have them again and again, and one that has healed would not be noticed."""
    paths = [f"{number}" for number in range(PROBE_SLOTS + 5)]
    for path in paths:
        worker.each(TIMEOUT, TIMEOUTS_UNTIL_UNRESPONSIVE, path=path)
    first = [path for path in paths if worker.enter(path=path) == {AdmissionDecision.NOW: 1}]
    assert first == paths[:PROBE_SLOTS]
    assert worker.end(TIMEOUT) == {AdmissionDecision.NOW: 1}
    assert worker.in_flight[-1].url.endswith(f"/{PROBE_SLOTS}")


def test_one_timeout_is_enough_also_when_others_there_are_answered(worker: Worker) -> None:
    """With a thousand receivers of which most hang, a hundred places would soon be full of calls that hang."""
    worker.each(TIMEOUT, TIMEOUTS_UNTIL_UNRESPONSIVE)
    worker.each(TIMEOUT, path="another")
    worker.each(OK, 10, path="healthy")
    assert worker.enter(SHARE, path="another")[AdmissionDecision.NOW] == PROBE_SLOTS // 2


def test_a_while_after_a_host_has_hung_its_receivers_are_trusted(worker: Worker) -> None:
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


def test_at_a_host_that_hangs_one_timeout_is_enough(worker: Worker) -> None:
    worker.each(TIMEOUT, TIMEOUTS_UNTIL_UNRESPONSIVE)
    worker.each(TIMEOUT, path="another")
    assert worker.enter(SHARE, path="another")[AdmissionDecision.NOW] == PROBE_SLOTS // 2


@pytest.mark.parametrize("answer", [OK, REFUSED, UNREACHABLE])
def test_a_receiver_must_answer_a_few_before_it_is_trusted_again(worker: Worker, answer: Outcome) -> None:
    """One answer in a hundred timeouts is no recovery."""
    worker.each(TIMEOUT, 2 * MAX_TIMEOUTS_COUNTED)
    worker.each(answer)
    assert worker.enter(100)[AdmissionDecision.NOW] == PROBE_SLOTS // 2
    for _ in range(3):
        worker.end(answer)
    assert worker.enter(100)[AdmissionDecision.NOW] > PROBE_SLOTS


def test_a_few_timeouts_among_answers_are_no_reason_for_gentleness(worker: Worker) -> None:
    for outcome in [TIMEOUT, TIMEOUT, OK] * 5:
        worker.each(outcome)
    assert worker.enter(SHARE) == {AdmissionDecision.NOW: SHARE}


def enter_at_many_hosts(worker: Worker, count: int, account: str = "acme") -> Counter[AdmissionDecision]:
    return sum((worker.enter(host=f"{number}.example", account=account) for number in range(count)), Counter())


def test_a_slow_account_gets_no_more_than_is_left_for_others(worker: Worker) -> None:
    """Of 1,000 places it has 500 at most: so many are free then for whoever comes next."""
    worker.each(SLOW)
    assert enter_at_many_hosts(worker, 600) == {AdmissionDecision.NOW: 500, AdmissionDecision.ACCOUNT_IS_FULL: 100}
    assert worker.enter(account="other") == {AdmissionDecision.NOW: 1}


def test_an_account_whose_calls_hang_now_is_slow_however_quick_it_was(worker: Worker) -> None:
    """Otherwise quick calls to one host would hide those that hang at many others."""
    worker.each(OK, 50)
    enter_at_many_hosts(worker, 700)
    worker.seconds += 1
    assert worker.enter() == {AdmissionDecision.ACCOUNT_IS_FULL: 1}


def test_a_slow_account_has_some_places_however_full_the_worker_is() -> None:
    worker = Worker(size=0)
    worker.each(SLOW)
    decisions = enter_at_many_hosts(worker, ACCOUNT_SLOTS + 1)
    assert decisions == {AdmissionDecision.NOW: ACCOUNT_SLOTS, AdmissionDecision.ACCOUNT_IS_FULL: 1}


def test_an_account_that_is_not_known_to_be_slow_may_use_the_whole_worker() -> None:
    """Its places are soon free again."""
    assert enter_at_many_hosts(Worker(size=0), 500) == {AdmissionDecision.NOW: 500}


def test_calls_that_have_ended_take_no_places(worker: Worker) -> None:
    for _ in range(3):
        assert worker.enter(SHARE) == {AdmissionDecision.NOW: SHARE}
        for _ in range(SHARE):
            worker.end(SLOW)


def test_slots_keep_nothing_of_an_account_without_a_call_in_flight() -> None:
    """A host may be a provider's, with ever new customers."""
    slots: Slots[Candidate] = Slots(10, 1, attrgetter("account"), AdmissionDecision.HOST_IS_FULL)
    for number in range(10):
        candidate = Candidate((f"{number}", "token"), f"{number}", HOST, f"https://{HOST}/")
        slots.take(candidate, 0.0)
        assert slots.group_count == 1
        slots.give_back(candidate, OK, 1.0)
    assert slots.group_count == 0


def test_all_that_wait_can_be_sent_away(worker: Worker) -> None:
    worker.enter(SHARE)
    worker.enter(2)
    assert len(worker.admission.clear()) == 2
    assert worker.admission.clear() == []
    assert worker.end(OK) == {}


@pytest.mark.parametrize("most_calls", [76, 200, 1000])
def test_a_slow_host_leaves_places_for_others_however_few_there_are(most_calls: int) -> None:
    """With few open files a worker makes few calls at a time."""
    worker = Worker(most_calls, most_calls)
    for account in range(20):
        worker.enter(most_calls, account=f"{account}")
    assert len(worker.in_flight) <= most_calls // 2


@pytest.mark.parametrize("most_calls", [76, 200, 1000])
def test_a_slow_account_leaves_places_for_others_however_few_there_are(most_calls: int) -> None:
    worker = Worker(most_calls, most_calls)
    worker.each(SLOW, host="slow.example")
    decisions = enter_at_many_hosts(worker, most_calls)
    assert decisions[AdmissionDecision.ACCOUNT_IS_FULL] >= most_calls // 4


def test_a_call_that_was_not_made_frees_its_place_and_tells_nothing(worker: Worker) -> None:
    for _ in range(2 * TIMEOUTS_UNTIL_UNRESPONSIVE):
        assert worker.enter() == {AdmissionDecision.NOW: 1}
        assert worker.admission.leave(worker.in_flight.pop(), None) == []
    worker.each(TIMEOUT, TIMEOUTS_UNTIL_UNRESPONSIVE)
    assert worker.enter() == {AdmissionDecision.NOW: 1}
    worker.admission.leave(worker.in_flight.pop(), None)
    assert worker.enter(100)[AdmissionDecision.NOW] == PROBE_SLOTS // 2  # nor that it does not hang any more
