"""Traffic: no host and no account takes the places of others."""

from __future__ import annotations

from dataclasses import replace

import pytest

from doubles import OK, REFUSED, UNREACHABLE
from unit.test_calls import claim
from webhooks.calls import Call
from webhooks.deliveries import Failure, Outcome
from webhooks.traffic import (
    ACCOUNT_PLACES,
    GENTLE_PLACES,
    HOST_PLACES,
    LONGEST_WAIT,
    TIMEOUTS_UNTIL_GENTLE,
    Prepared,
    Traffic,
    Turn,
)

TIMEOUT = Outcome(503, Failure.TIMEOUT, 10_000)
SLOW = Outcome(200, None, 2_000)


class Clock:
    """Seconds, standing still until a test moves them."""

    seconds = 1000.0

    def __call__(self) -> float:
        """Tell the time."""
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def traffic(clock: Clock) -> Traffic:
    return Traffic(lambda: 1000, clock)


def call_to(host: str, account: str = "acme") -> Prepared:
    return Prepared(replace(claim(), account=account), Call(f"https://{host}/hooks", {}, b"{}"))


def enter(traffic: Traffic, count: int, host: str = "hooks.example", account: str = "acme") -> list[Turn]:
    return [traffic.enter(call_to(host, account)) for _ in range(count)]


def make_gentle(traffic: Traffic) -> None:
    for _ in range(TIMEOUTS_UNTIL_GENTLE):
        assert enter(traffic, 1) == [Turn.NOW]
        traffic.leave(call_to("hooks.example"), TIMEOUT)


def test_a_host_has_so_many_calls_in_flight_and_others_have_theirs(traffic: Traffic) -> None:
    assert enter(traffic, HOST_PLACES) == [Turn.NOW] * HOST_PLACES
    assert enter(traffic, 1) == [Turn.WAIT]
    assert enter(traffic, 1, host="other.example") == [Turn.NOW]


@pytest.mark.parametrize(
    ("host", "is_the_same"),
    [
        ("HOOKS.example", True),
        ("hooks.example:443", True),
        ("hooks.example:8443", False),
        ("hooks.example.", False),
    ],
)
def test_a_host_is_its_name_and_its_port(traffic: Traffic, host: str, is_the_same: bool) -> None:
    enter(traffic, HOST_PLACES)
    assert enter(traffic, 1, host) == [Turn.WAIT if is_the_same else Turn.NOW]


def test_a_few_wait_and_the_rest_comes_back_later(traffic: Traffic) -> None:
    """As many as are in flight, while nobody knows how long the calls to this host take."""
    enter(traffic, HOST_PLACES)
    assert enter(traffic, HOST_PLACES) == [Turn.WAIT] * HOST_PLACES
    assert enter(traffic, 1) == [Turn.HOST_IS_FULL]


@pytest.mark.parametrize(("seconds", "waiting"), [(0.01, 10_000), (0.5, 200), (2.0, 50), (8.0, 13)])
def test_as_many_wait_for_a_host_as_it_answers_in_a_second(traffic: Traffic, seconds: float, waiting: int) -> None:
    """Sending them away would cost more than the wait; and no lease runs out by it."""
    enter(traffic, 1)
    traffic.leave(call_to("hooks.example"), Outcome(200, None, round(seconds * 1000)))
    enter(traffic, HOST_PLACES)
    assert enter(traffic, waiting + 1) == [Turn.WAIT] * waiting + [Turn.HOST_IS_FULL]


def test_who_waits_is_called_when_a_place_is_free_in_order(traffic: Traffic) -> None:
    enter(traffic, HOST_PLACES)
    first, second = call_to("hooks.example"), call_to("hooks.example")
    traffic.enter(first)
    traffic.enter(second)
    assert traffic.leave(call_to("hooks.example"), SLOW) == [(first, Turn.NOW)]
    assert traffic.leave(call_to("hooks.example"), SLOW) == [(second, Turn.NOW)]
    assert traffic.leave(call_to("hooks.example"), SLOW) == []
    assert enter(traffic, 2) == [Turn.NOW, Turn.WAIT]


def test_who_has_waited_for_long_comes_back_later(traffic: Traffic, clock: Clock) -> None:
    """The lease runs meanwhile, and it must outlive the call."""
    enter(traffic, HOST_PLACES)
    old, fresh = call_to("hooks.example"), call_to("hooks.example")
    traffic.enter(old)
    clock.seconds += LONGEST_WAIT + 0.1
    traffic.enter(fresh)
    turns = traffic.leave(call_to("hooks.example"), SLOW)
    assert turns == [(old, Turn.HOST_IS_FULL), (fresh, Turn.NOW)]


def test_a_host_that_keeps_timing_out_is_tried_gently(traffic: Traffic) -> None:
    make_gentle(traffic)
    assert enter(traffic, GENTLE_PLACES) == [Turn.NOW] * GENTLE_PLACES
    assert enter(traffic, 3) == [Turn.WAIT, Turn.WAIT, Turn.HOST_IS_FULL]  # its calls take 10 s
    assert enter(traffic, 1, host="other.example") == [Turn.NOW]


def test_who_waits_for_a_host_that_keeps_timing_out_is_sent_away(traffic: Traffic) -> None:
    enter(traffic, HOST_PLACES)
    waiting = [call_to("hooks.example") for _ in range(3)]
    for one in waiting:
        traffic.enter(one)
    turns = [
        turn for _ in range(TIMEOUTS_UNTIL_GENTLE) for turn in traffic.leave(call_to("hooks.example"), TIMEOUT)
    ]
    assert turns == [(waiting[0], Turn.NOW), (waiting[1], Turn.NOW), (waiting[2], Turn.HOST_IS_FULL)]


@pytest.mark.parametrize("answer", [OK, REFUSED, UNREACHABLE])
def test_one_answer_or_a_quick_failure_ends_the_gentleness(traffic: Traffic, answer: Outcome) -> None:
    make_gentle(traffic)
    enter(traffic, 1)
    traffic.leave(call_to("hooks.example"), answer)
    assert enter(traffic, HOST_PLACES) == [Turn.NOW] * HOST_PLACES


def test_a_few_timeouts_among_answers_are_no_reason_for_gentleness(traffic: Traffic) -> None:
    for outcome in [TIMEOUT, TIMEOUT, OK] * 5:
        enter(traffic, 1)
        traffic.leave(call_to("hooks.example"), outcome)
    assert enter(traffic, HOST_PLACES) == [Turn.NOW] * HOST_PLACES


def make_slow(traffic: Traffic) -> None:
    enter(traffic, 1)
    traffic.leave(call_to("hooks.example"), SLOW)


def test_a_slow_account_gets_no_more_than_is_left_for_others(clock: Clock) -> None:
    """With 1,000 places it has 500 at most: so many are free then for whoever comes next."""
    taken = 0
    traffic = Traffic(lambda: 1000 - taken, clock)
    make_slow(traffic)
    turns: list[Turn] = []
    for number in range(600):
        taken += 1
        (turn,) = enter(traffic, 1, host=f"{number}.example")
        turns.append(turn)
        if turn is Turn.ACCOUNT_IS_FULL:
            taken -= 1
    assert turns == [Turn.NOW] * 500 + [Turn.ACCOUNT_IS_FULL] * 100
    assert enter(traffic, 1, account="other") == [Turn.NOW]


def test_a_slow_account_has_some_places_however_full_the_worker_is(clock: Clock) -> None:
    traffic = Traffic(lambda: 0, clock)
    make_slow(traffic)
    turns = [turn for number in range(ACCOUNT_PLACES + 1) for turn in enter(traffic, 1, host=f"{number}.example")]
    assert turns == [Turn.NOW] * ACCOUNT_PLACES + [Turn.ACCOUNT_IS_FULL]


def test_an_account_that_is_not_known_to_be_slow_may_use_the_whole_worker(clock: Clock) -> None:
    """Its places are soon free again."""
    traffic = Traffic(lambda: 0, clock)
    turns = {turn for number in range(500) for turn in enter(traffic, 1, host=f"{number}.example")}
    assert turns == {Turn.NOW}


def test_calls_that_have_ended_take_no_places(traffic: Traffic) -> None:
    for _ in range(3):
        assert enter(traffic, HOST_PLACES) == [Turn.NOW] * HOST_PLACES
        for _ in range(HOST_PLACES):
            traffic.leave(call_to("hooks.example"), SLOW)


def test_all_that_wait_can_be_sent_away(traffic: Traffic) -> None:
    enter(traffic, HOST_PLACES)
    waiting = call_to("hooks.example")
    traffic.enter(waiting)
    assert traffic.clear() == [waiting]
    assert traffic.clear() == []
    assert traffic.leave(call_to("hooks.example"), OK) == []
