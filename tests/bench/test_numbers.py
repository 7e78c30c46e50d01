"""The figures that are calculated from many measured values."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from harness.bench.calls import LoggedCall
from harness.bench.flow import Flow, spent
from harness.bench.numbers import Spread, percentile, rate
from harness.bench.scenarios.memory import growth
from harness.bench.scenarios.retries import lateness
from harness.bench.sending import Sent


@pytest.mark.parametrize(
    ("percent", "expected"), [(0, 10), (25, 10), (26, 20), (50, 20), (75, 30), (99, 40), (100, 40)]
)
def test_a_percentile_is_the_lowest_number_that_covers_its_share(percent: float, expected: float) -> None:
    assert percentile([40, 10, 30, 20], percent) == expected


def test_the_99th_percentile_leaves_out_one_of_a_hundred() -> None:
    assert percentile([*range(1, 100), 5_000], 99) == 99
    assert percentile([*range(1, 99), 5_000, 5_000], 99) == 5_000


def test_a_spread_has_the_median_minimum_and_maximum() -> None:
    assert Spread.of([30, 10, 20]) == Spread(median=20, least=10, most=30)


def test_a_rate_over_no_time_is_finite() -> None:
    assert rate(30, 10.0, 12.0) == 15
    assert rate(1, 10.0, 10.0) == 1_000


def flow(sent: Sequence[tuple[str, float]], taken: Sequence[tuple[str, float]]) -> Flow:
    """Return events by hookId with their times, and the calls that delivered them."""
    ids, moments = [hook_id for hook_id, _ in sent], [moment for _, moment in sent]
    calls = [LoggedCall(hook_id, 1, arrived, 200, is_first=False) for hook_id, arrived in taken]
    return Flow(Sent(ids, moments, ended=0, cpu=0), calls)


def test_a_flow_lasts_from_the_first_event_to_the_last_arrival() -> None:
    measured = flow([("a", 10.0), ("b", 10.5), ("c", 11.0)], [("a", 11.0), ("b", 13.0), ("c", 12.0)])
    assert measured.rate_end_to_end == pytest.approx(3 / 3)
    assert measured.rate_of_calls == pytest.approx(3 / 2)
    assert measured.latencies == pytest.approx([1_000, 2_500, 1_000])


def test_a_repeated_event_counts_once_by_its_first_call() -> None:
    measured = flow([("a", 10.0), ("b", 10.0)], [("a", 11.0), ("a", 15.0), ("b", 12.0)])
    assert measured.latencies == pytest.approx([1_000, 2_000])
    assert measured.events == 2
    assert measured.remarks == ["1 of 2 events came twice."]


def test_cpu_time_is_a_difference_by_kind_of_process() -> None:
    assert spent({"api": 1.0, "redis": 2.0}, {"api": 4.0, "redis": 2.5}) == {"api": 3.0, "redis": 0.5}


def test_the_lateness_of_a_retry_excludes_its_delay() -> None:
    calls = [
        LoggedCall("a", attempt, arrived, 500, is_first=False)
        for attempt, arrived in [(1, 100.0), (2, 105.25), (3, 135.5)]
    ]
    assert lateness(calls, 1, 5) == pytest.approx([0.25])
    assert lateness(calls, 2, 30) == pytest.approx([0.25])


def test_growth_compares_the_last_quarter_with_the_second() -> None:
    assert growth([1, 1, 100, 100, 100, 100, 150, 150]) == pytest.approx(1.5)
    assert growth([100]) == 1
