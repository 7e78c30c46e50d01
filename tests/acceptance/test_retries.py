"""Attempts at 0 s, +5 s and +30 s, as section 5 of the contract promises."""

from __future__ import annotations

from datetime import datetime

import pytest

from acceptance.conftest import SECRET, Chain
from running import HUNG, Customer, wait_until
from webhooks_local.receiver import Call, Receiver, verify

pytestmark = pytest.mark.alone


def test_a_failed_call_is_retried_after_five_and_thirty_seconds(
    chains: dict[str, Chain], customer: Customer, receiver: Receiver
) -> None:
    """The hookId stays; `retry` is false, true, true; each call is signed anew; the third succeeds."""
    chain = chains["fails twice"]
    first, second, third = receiver.wait_for(chain.path, 3, deadline_seconds=HUNG)

    assert first.received - chain.sent < chain.machine.slack
    assert 5 <= second.received - first.received < 5 + chain.machine.slack
    assert 30 <= third.received - second.received < 30 + chain.machine.slack
    calls = (first, second, third)
    assert [call.json["hookId"] for call in calls] == [chain.hook_id] * 3
    assert [call.json["retry"] for call in calls] == [False, True, True]
    assert [call.header("X-Webhook-Attempt") for call in calls] == ["1", "2", "3"]
    for call in calls:
        assert verify(call, SECRET)
        assert -1 < call.received - int(call.header("webhook-timestamp") or 0) < 1 + chain.machine.slack

    delivery = customer.wait_for_state(chain.hook_id, "delivered", HUNG)
    assert [attempt["status"] for attempt in delivery["attempts"]] == [500, 500, 200]
    assert delivery["due"] is None


def test_no_retry_follows_a_success(chains: dict[str, Chain], customer: Customer, receiver: Receiver) -> None:
    """Checked after the third attempt of the delivery that failed twice would have been due."""
    chain = chains["fails once"]
    receiver.wait_for(chains["fails twice"].path, 3, deadline_seconds=HUNG)
    delivery = customer.delivery(chain.hook_id)
    assert (delivery["state"], len(delivery["attempts"])) == ("delivered", 2)
    assert len(receiver.calls(chain.path)) == 2


@pytest.mark.parametrize(
    ("name", "status", "error"),
    [
        ("fails always", 500, None),
        ("redirects", 302, None),
        ("closes", None, "reset"),
    ],
)
def test_a_delivery_is_exhausted_after_its_third_failure(
    chains: dict[str, Chain],
    customer: Customer,
    receiver: Receiver,
    name: str,
    status: int | None,
    error: str | None,
) -> None:
    chain = chains[name]
    delivery = customer.wait_for_state(chain.hook_id, "exhausted", HUNG)
    assert [(one["status"], one["error"]) for one in delivery["attempts"]] == [(status, error)] * 3
    assert [one["retry"] for one in delivery["attempts"]] == [False, True, True]
    assert [call.header("X-Webhook-Attempt") for call in _once_each(receiver.calls(chain.path))] == ["1", "2", "3"]


def test_a_redirect_is_not_followed(chains: dict[str, Chain], receiver: Receiver) -> None:
    receiver.wait_for(chains["redirects"].path, 1, deadline_seconds=HUNG)
    assert not [call for call in receiver.calls() if call.path.startswith("/ok/redirected")]


@pytest.mark.parametrize("name", ["hangs", "drips"])
def test_a_call_times_out_after_ten_seconds_and_is_recorded_as_503(
    chains: dict[str, Chain], customer: Customer, receiver: Receiver, name: str
) -> None:
    """The timeout covers the whole exchange, so a byte now and then does not extend it.

    The second attempt is 5 s later. The delay of the third is checked where calls fail.
    """
    chain = chains[name]
    wait_until(lambda: len(customer.delivery(chain.hook_id)["attempts"]) >= 2, HUNG, "two attempts")
    attempts = customer.delivery(chain.hook_id)["attempts"]
    for attempt in attempts:
        assert (attempt["status"], attempt["error"]) == (503, "timeout")
        assert 10 <= attempt["ms"] / 1000 < 10 + chain.machine.slack
    # Seconds from the start of the attempt. The receiver sees the call when the connection is open.
    began = datetime.fromisoformat(attempts[0]["at"]).timestamp()
    second = receiver.calls(chain.path)[1]
    assert 15 <= second.received - began < 15 + chain.machine.slack


def _once_each(calls: list[Call]) -> list[Call]:
    """Leave out the one repetition of an attempt whose kept connection was dead."""
    return list({call.header("X-Webhook-Attempt"): call for call in calls}.values())
