"""An unresponsive receiver or an account with very many events does not delay the deliveries of others."""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from running import HUNG, PRODUCER_KEY, Customer, Running
from samples import SAMPLES
from webhooks_local.certificates import Certificates
from webhooks_local.machine import Machine
from webhooks_local.receiver import Receiver

pytestmark = pytest.mark.alone

#: The events per second of the neighbour, and how many make a measurement.
RATE = 40.0
COUNT = 100


@pytest.fixture
def hanging(certificates: Certificates) -> Iterator[Receiver]:
    """A receiver with its own port, which is another host for the workers."""
    with Receiver(certificates.receiver) as receiver:
        yield receiver


@pytest.fixture
def neighbour(running: Running, receiver: Receiver) -> str:
    """A profile of another account, whose receiver answers at once."""
    return Customer(running).profile("Neighbour", social=receiver.url("/ok/neighbour"))


def event(ref_id: str, name: str) -> dict[str, object]:
    return {**SAMPLES["social-link"], "refId": ref_id, "displayName": name}


def percentile_of_delays(running: Running, receiver: Receiver, ref_id: str) -> float:
    """Send events to the neighbour at a steady rate; return the 95th percentile of their delays in seconds."""
    already = len(receiver.calls("/ok/neighbour"))
    sent = {}
    begin = time.monotonic()
    for number in range(COUNT):
        time.sleep(max(0.0, begin + number / RATE - time.monotonic()))
        name = f"{already + number}"
        sent[name] = time.time()
        running.send(event(ref_id, name))
    calls = receiver.wait_for("/ok/neighbour", already + COUNT, deadline_seconds=HUNG)
    came = {call.json["displayName"]: call.received for call in calls[already:]}
    return statistics.quantiles([came[name] - at for name, at in sent.items()], n=20)[-1]


def flood(running: Running, ref_id: str, count: int) -> None:
    """Send this many events for a profile at once."""
    answer = running.call("POST", "/api/events", PRODUCER_KEY, {"events": [event(ref_id, "many")] * count})
    assert answer.json()["accepted"] == count


@contextmanager
def meanwhile(running: Running, ref_id: str) -> Iterator[None]:
    """Send 200 events per second to a profile during the block."""
    stopping = threading.Event()

    def send() -> None:
        while not stopping.wait(0.5):
            flood(running, ref_id, 100)

    thread = threading.Thread(target=send)
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join()


def test_an_unresponsive_receiver_delays_no_other(
    running: Running, receiver: Receiver, hanging: Receiver, neighbour: str
) -> None:
    """It gets more than a worker can have in flight, for longer than its calls take to end.

    The comparison sends as many events to a receiver that answers, which costs the machine more.
    """
    answering = Customer(running).profile("Answering", social=hanging.url("/ok/neighbour"))
    silent = Customer(running).profile("Silent", social=hanging.url("/hang/neighbour"))
    with Machine() as machine:
        with meanwhile(running, answering):
            baseline = percentile_of_delays(running, receiver, neighbour)
        with meanwhile(running, silent):
            delays = [percentile_of_delays(running, receiver, neighbour) for _ in range(4)]
    assert max(delays) <= 2 * baseline + machine.slack, baseline


def test_an_account_with_very_many_events_delays_no_other(
    running: Running, receiver: Receiver, hanging: Receiver, neighbour: str
) -> None:
    """Two thousand events for an unresponsive receiver at once: twice the slots of a worker."""
    with Machine() as machine:
        answering, silent = (
            delays_beside_two_thousand(running, receiver, neighbour, hanging.url(path))
            for path in ("/ok/flood", "/hang/flood")
        )
    assert silent <= 2 * answering + machine.slack, answering


def delays_beside_two_thousand(running: Running, receiver: Receiver, neighbour: str, url: str) -> float:
    """Send two thousand events for a receiver at once, and measure the delays of the neighbour."""
    flooding = Customer(running).profile("Flooding", social=url)
    for _ in range(2):
        flood(running, flooding, 1000)
    return percentile_of_delays(running, receiver, neighbour)
