"""When a delivery is retried."""

from __future__ import annotations

import pytest

from doubles import OK, REFUSED, UNREACHABLE
from webhooks.deliveries.delivery import State
from webhooks.deliveries.retry import RetryDecision, decide
from webhooks.http.call import Failure, Outcome

DELAYS = (5.0, 30.0)


@pytest.mark.parametrize("failed", [REFUSED, UNREACHABLE])
def test_a_first_failure_waits_five_seconds(failed: Outcome) -> None:
    assert decide(1, failed, DELAYS) == RetryDecision(State.RETRYING, 5.0)


@pytest.mark.parametrize("failed", [REFUSED, UNREACHABLE])
def test_a_second_failure_waits_thirty_seconds(failed: Outcome) -> None:
    assert decide(2, failed, DELAYS) == RetryDecision(State.RETRYING, 30.0)


@pytest.mark.parametrize("failed", [REFUSED, UNREACHABLE])
def test_a_third_failure_is_the_last(failed: Outcome) -> None:
    assert decide(3, failed, DELAYS) == RetryDecision(State.EXHAUSTED)


@pytest.mark.parametrize("attempt", [1, 2, 3])
def test_a_success_ends_a_delivery_at_any_attempt(attempt: int) -> None:
    assert decide(attempt, OK, DELAYS) == RetryDecision(State.DELIVERED)


def test_without_delays_there_are_no_retries() -> None:
    assert decide(1, REFUSED, ()) == RetryDecision(State.EXHAUSTED)


def test_fewer_delays_end_deliveries_with_more_attempts() -> None:
    """An operator can shorten the list while deliveries are owed."""
    assert decide(3, REFUSED, (5.0,)) == RetryDecision(State.EXHAUSTED)


@pytest.mark.parametrize("status", [200, 201, 204, 299])
def test_a_status_from_200_to_299_is_a_success(status: int) -> None:
    assert Outcome(status, None, 1).succeeded


@pytest.mark.parametrize("status", [100, 199, 300, 301, 302, 304, 307, 308, 400, 404, 410, 429, 500, 503, 599])
def test_any_other_status_is_a_failure(status: int) -> None:
    """Including redirects and 410: every failure is retried (contract section 5)."""
    assert decide(1, Outcome(status, None, 1), DELAYS).state is State.RETRYING


@pytest.mark.parametrize("failure", list(Failure))
def test_an_interrupted_exchange_is_a_failure_whatever_its_status(failure: Failure) -> None:
    assert decide(1, Outcome(200, failure, 1), DELAYS).state is State.RETRYING
