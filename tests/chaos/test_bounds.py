"""Which numbers of a trial are beyond what its fault may do."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from chaos.bounds import Bounds, Facts, beyond
from chaos.verdict import Records, Terms, judge

CALM = replace(judge(Records([], [], {}), Terms((5.0, 30.0), 15.0)), accepted=10, delivered=10)


def test_a_trial_in_which_nothing_happened_is_within_bounds() -> None:
    assert beyond(Bounds(), CALM, Facts()) == []


@pytest.mark.parametrize(
    "change",
    [
        {"accepted": 0},
        {"lost": ("one",)},
        {"unheard": 1},
        {"duplicates": 1},
        {"unmarked": 1},
        {"failed_ingests": 1},
        {"slowest_ingest": 3.1},
        {"waiting_late": 5.1},
        {"repeat_late": 15.1},
        {"recovery": 35.1},
    ],
)
def test_each_number_has_a_bound(change: dict[str, Any]) -> None:
    assert len(beyond(Bounds(), replace(CALM, **change), Facts())) == 1


def test_as_many_calls_may_be_doubled_as_were_in_flight() -> None:
    facts = Facts(in_flight={("one", 1), ("two", 1)})
    assert beyond(Bounds(), replace(CALM, duplicates=2), facts) == []
    assert beyond(Bounds(), replace(CALM, duplicates=3), facts) != []


def test_retries_may_wait_while_nothing_can_be_delivered() -> None:
    assert beyond(Bounds(), replace(CALM, waiting_late=34.9), Facts(away=30.0)) == []
    assert beyond(Bounds(), replace(CALM, waiting_late=35.1), Facts(away=30.0)) != []


def test_losing_is_within_no_bounds() -> None:
    lax = Bounds(refusals=True, waiting_late=99, repeated_within=99, recovery=99, unmarked=True, slowest_ingest=99)
    assert beyond(lax, replace(CALM, lost=("one",)), Facts(), slack=99) != []


@pytest.mark.parametrize("stop", [("worker-1", 15.1, 0), ("worker-1", 1.0, 1), ("worker-1", 1.0, -9)])
def test_a_worker_stops_in_time_and_in_order(stop: tuple[str, float, int]) -> None:
    assert len(beyond(Bounds(), CALM, Facts(stops=[stop]))) == 1
    assert beyond(Bounds(), CALM, Facts(stops=[("worker-1", 14.9, 0)])) == []


def test_no_process_dies_by_itself() -> None:
    assert len(beyond(Bounds(), CALM, Facts(deaths=["web"]))) == 1
