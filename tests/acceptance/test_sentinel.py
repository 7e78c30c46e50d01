"""Redis behind Sentinels: a primary that dies is told within 3 s, and then another one takes its place."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from running import PRODUCER_KEY, Customer, Running
from samples import SAMPLES
from sentinels import Sentinels
from webhooks_local.certificates import Certificates
from webhooks_local.receiver import Receiver

#: Seconds in which the Sentinels have to make another primary: they wait 1 s, vote, and promote.
FAILOVER = 15
#: Seconds in which they have to make replicas of all others too: they first wait 8 s for the old primary.
ALL_REPLICAS = 30


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


def test_a_primary_that_dies_is_replaced_and_nothing_accepted_is_lost(
    sentinels: Sentinels, behind_sentinels: Running, receiver: Receiver
) -> None:
    running, customer = behind_sentinels, Customer(behind_sentinels)
    ref_id = customer.profile("delivered", social=receiver.url("/ok/failover"))
    retried = customer.profile("retried", social=receiver.url("/fail/1/failover"))
    event = {**SAMPLES["social-link"], "refId": ref_id}
    accepted = [running.send({**event, "refId": retried}), *(running.send(event) for _ in range(20))]

    sentinels.kill(sentinels.primary)

    killed = time.monotonic()
    answers = [_timed(running, event)]
    while answers[-1][1].status_code != 202:
        assert time.monotonic() - killed < FAILOVER
        time.sleep(0.1)
        answers.append(_timed(running, event))
    assert max(seconds for seconds, _ in answers) < 3
    assert [answer.status_code for _, answer in answers] == [*[503] * (len(answers) - 1), 202]
    assert len(answers) > 1

    accepted += [str(answers[-1][1].json()["hookId"]), *(running.send(event) for _ in range(20))]
    for hook_id in accepted:
        customer.wait_for_state(hook_id, "delivered", 15)
    # The very processes that were there before, for nobody would have started others.
    assert [running.stop(name, deadline=15) for name in ("worker", "beat")] == [0, 0]


def test_sentinels_that_do_not_answer_are_told_within_three_seconds(
    sentinels: Sentinels, behind_sentinels: Running
) -> None:
    """They may all hang, and the primary with them. This is last, as they do not trust their clocks afterwards."""
    event = {**SAMPLES["social-link"], "refId": Customer(behind_sentinels).ref_id}
    sentinels.freeze(sentinels.primary, *sentinels.sentinels)
    # At first on connections that were made before, then on new ones.
    answers = [_timed(behind_sentinels, event) for _ in range(3)]
    assert [answer.status_code for _, answer in answers] == [503] * 3
    assert max(seconds for seconds, _ in answers) < 3


def test_a_handover_loses_nothing_that_all_replicas_must_have(
    certificates: Certificates, tmp_path: Path, receiver: Receiver
) -> None:
    """The old primary takes events, and a replica follows it, until they are told that it is one no more."""
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
        old, accepted, after = group.primary, [running.send(event)], 0
        group.hand_over()
        end = time.monotonic() + ALL_REPLICAS
        while after < 20:
            assert time.monotonic() < end
            seconds, answer = _timed(running, event)
            assert seconds < 3
            assert answer.status_code in {202, 503}
            if answer.status_code == 503:
                time.sleep(0.1)
            else:
                accepted.append(str(answer.json()["hookId"]))
                after += group.primary != old

        for hook_id in accepted:
            customer.wait_for_state(hook_id, "delivered", 15)


def _timed(running: Running, event: dict[str, object]) -> tuple[float, requests.Response]:
    started = time.monotonic()
    answer = running.call("POST", "/api/events", PRODUCER_KEY, event)
    return time.monotonic() - started, answer
