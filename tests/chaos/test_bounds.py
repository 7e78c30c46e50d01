"""Which figures of a trial exceed the bounds of its fault."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from harness.chaos.bounds import Bounds, Facts, beyond
from harness.chaos.verdict import Records, Terms, Verdict, judge

LEASE = 15.0
CALM = replace(judge(Records([], [], {}), Terms((5.0, 30.0), LEASE)), accepted=10, delivered=10)
ONE, TWO = ("one", 1), ("two", 1)


def sentences(verdict: Verdict, bounds: Bounds | None = None, facts: Facts | None = None) -> list[str]:
    return beyond(bounds or Bounds(), verdict, facts or Facts(), LEASE)


def test_a_trial_without_any_loss_passes() -> None:
    assert sentences(CALM) == []


@pytest.mark.parametrize(
    "change",
    [
        {"accepted": 0},
        {"lost": ("one",)},
        {"given_up": 1},
        {"repeats": Counter([ONE])},
        {"unmarked": 1},
        {"unlogged": 1},
        {"refusals": Counter([503])},
        {"slowest_ingest": 3.1},
        {"waiting_late": 5.1},
        {"repeat_late": 15.1},
        {"recovery": 35.1},
    ],
)
def test_each_number_has_a_bound(change: dict[str, Any]) -> None:
    assert len(sentences(replace(CALM, **change))) == 1


@pytest.mark.parametrize("repeats", [[TWO], [ONE, TWO], [ONE, ONE]])
def test_a_call_may_be_repeated_as_often_as_it_was_cut_off(
    repeats: list[tuple[str, int]],
) -> None:
    facts = Facts(in_flight=Counter([ONE]))
    assert sentences(replace(CALM, repeats=Counter([ONE])), facts=facts) == []
    assert len(sentences(replace(CALM, repeats=Counter(repeats)), facts=facts)) == 1


@pytest.mark.parametrize("status", [None, 500, 404])
def test_a_refusal_has_the_status_of_its_fault(status: int | None) -> None:
    bounds = Bounds(refused_with=frozenset({503}))
    assert sentences(replace(CALM, refusals=Counter([503])), bounds) == []
    assert len(sentences(replace(CALM, refusals=Counter([503, status])), bounds)) == 1


def test_an_outage_without_refusals_fails_the_trial() -> None:
    bounds = Bounds(refused_with=frozenset({503}), must_refuse=True)
    assert len(sentences(CALM, bounds)) == 1


def test_retries_may_wait_while_nothing_can_be_delivered() -> None:
    assert sentences(replace(CALM, waiting_late=34.9), facts=Facts(away=30.0)) == []
    assert len(sentences(replace(CALM, waiting_late=35.1), facts=Facts(away=30.0))) == 1


def test_only_calls_cut_off_again_may_be_a_lease_later() -> None:
    bounds = Bounds(cut_off_again=2)
    assert sentences(replace(CALM, recovery=64.9), bounds) == []
    assert len(sentences(replace(CALM, repeat_late=15.1, recovery=65.1, waiting_late=5.1), bounds)) == 3


def test_no_loss_is_allowed() -> None:
    lax = Bounds(
        refused_with=frozenset({None, 503}),
        waiting_late=99,
        cut_off_again=99,
        late_recovery=True,
        unmarked=True,
        slowest_ingest=99,
    )
    assert len(beyond(lax, replace(CALM, lost=("one",)), Facts(), LEASE, slack=99)) == 1


@pytest.mark.parametrize("stop", [("worker-1", 15.1, 0), ("worker-1", 1.0, 1), ("worker-1", 1.0, -9)])
def test_a_worker_stops_in_time_and_in_order(stop: tuple[str, float, int]) -> None:
    assert len(sentences(CALM, facts=Facts(stops=[stop]))) == 1
    assert sentences(CALM, facts=Facts(stops=[("worker-1", 14.9, 0)])) == []


def test_no_process_dies_by_itself() -> None:
    assert len(sentences(CALM, facts=Facts(deaths=["web"]))) == 1
