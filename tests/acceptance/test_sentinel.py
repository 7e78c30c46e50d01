"""Redis with Sentinels: the death of a primary is an error within 3 s, until another one takes over."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from running import HUNG, PRODUCER_KEY, Customer, Running, wait_until
from samples import SAMPLES
from sentinels import Sentinels
from webhooks_local.certificates import Certificates
from webhooks_local.machine import Machine
from webhooks_local.receiver import Receiver

pytestmark = pytest.mark.alone


@pytest.fixture(scope="module")
def sentinels(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sentinels]:
    with Sentinels(tmp_path_factory.mktemp("sentinels")) as sentinels:
        yield sentinels


@pytest.fixture(scope="module")
def behind_sentinels(
    sentinels: Sentinels, certificates: Certificates, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Running]:
    with Running(sentinels.url, certificates.authority, tmp_path_factory.mktemp("logs")) as running:
        yield running


def test_a_failover_loses_no_accepted_event(
    sentinels: Sentinels, behind_sentinels: Running, receiver: Receiver
) -> None:
    running, customer = behind_sentinels, Customer(behind_sentinels)
    ref_id = customer.profile("delivered", social=receiver.url("/ok/failover"))
    retried = customer.profile("retried", social=receiver.url("/fail/1/failover"))
    event = {**SAMPLES["social-link"], "refId": ref_id}
    accepted = [running.send({**event, "refId": retried}), *(running.send(event) for _ in range(20))]

    sentinels.kill(sentinels.primary)

    answers: list[tuple[float, requests.Response]] = []

    def is_accepted() -> bool:
        answers.append(_timed(running, event))
        return answers[-1][1].status_code == 202

    with Machine() as machine:
        wait_until(is_accepted, HUNG, "another primary")
    assert max(seconds for seconds, _ in answers) < 3 + machine.slack
    assert [answer.status_code for _, answer in answers] == [*[503] * (len(answers) - 1), 202]
    assert len(answers) > 1

    accepted += [str(answers[-1][1].json()["hookId"]), *(running.send(event) for _ in range(20))]
    for hook_id in accepted:
        customer.wait_for_state(hook_id, "delivered", HUNG)
    # The processes must be the same as before, as nothing would restart them.
    assert [running.stop_in_time(name) for name in ("worker", "beat")] == [0, 0]


def test_unresponsive_sentinels_are_reported_within_three_seconds(
    sentinels: Sentinels, behind_sentinels: Running
) -> None:
    """Everything hangs at once, including the primary.

    This test is last, as Sentinels distrust their clocks afterwards.
    """
    event = {**SAMPLES["social-link"], "refId": Customer(behind_sentinels).ref_id}
    sentinels.freeze(sentinels.primary, *sentinels.sentinels)
    # First on existing connections, then on new ones.
    with Machine() as machine:
        answers = [_timed(behind_sentinels, event) for _ in range(3)]
    assert [answer.status_code for _, answer in answers] == [503] * 3
    assert max(seconds for seconds, _ in answers) < 3 + machine.slack


def test_a_planned_failover_loses_no_replicated_event(
    certificates: Certificates, tmp_path: Path, receiver: Receiver
) -> None:
    """The old primary accepts events, and a replica follows it, until it learns that it is no longer primary."""
    (tmp_path / "logs").mkdir()
    with (
        Sentinels(tmp_path / "group", replicas=2) as group,
        Running(group.url, certificates.authority, tmp_path / "logs", WEBHOOKS_REPLICAS="2") as running,
    ):
        customer = Customer(running)
        event = {
            **SAMPLES["social-link"],
            "refId": customer.profile("handed over", social=receiver.url("/ok/over")),
        }
        old, accepted, slowest, after = group.primary, [running.send(event)], 0.0, 0

        def is_over() -> bool:
            """Send another event, and return whether the new primary and all replicas have accepted twenty."""
            nonlocal slowest, after
            seconds, answer = _timed(running, event)
            slowest = max(slowest, seconds)
            assert answer.status_code in {202, 503}
            if answer.status_code == 202:
                accepted.append(str(answer.json()["hookId"]))
                after += group.primary != old
            return after == 20

        with Machine() as machine:
            group.hand_over()
            wait_until(is_over, HUNG, "handed over")
        assert slowest < 3 + machine.slack

        for hook_id in accepted:
            customer.wait_for_state(hook_id, "delivered", HUNG)


def _timed(running: Running, event: dict[str, object]) -> tuple[float, requests.Response]:
    started = time.monotonic()
    answer = running.call("POST", "/api/events", PRODUCER_KEY, event)
    return time.monotonic() - started, answer
