"""The running system that all acceptance tests share, and the slow deliveries, which all start at once."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from running import Customer, Running
from samples import SAMPLES
from webhooks_local.certificates import Certificates
from webhooks_local.machine import Machine
from webhooks_local.receiver import Receiver

SECRET = "acceptance-secret"


@pytest.fixture(scope="session")
def receiver(certificates: Certificates) -> Iterator[Receiver]:
    with Receiver(certificates.receiver) as receiver:
        yield receiver


@pytest.fixture(scope="session")
def running(
    real_redis_url: str, certificates: Certificates, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Running]:
    with Running(real_redis_url, certificates.authority, tmp_path_factory.mktemp("logs")) as running:
        yield running


@pytest.fixture(scope="session")
def customer(running: Running) -> Customer:
    return Customer(running)


@dataclass(frozen=True)
class Chain:
    """An event on its way to a receiver of its own.

    Attributes:
        path: the path of its receiver.
        sent: Unix seconds at which the producer started to send it.
        machine: the speed of the machine while the deliveries are in flight.
    """

    name: str
    path: str
    hook_id: str
    event: dict[str, Any]
    sent: float
    machine: Machine


PATHS = {
    "fails twice": "/fail/2/twice",
    "fails once": "/fail/1/once",
    "fails always": "/status/500/always",
    "hangs": "/hang/always",
    "drips": "/drip/always",
    "redirects": "/redirect/always",
    "closes": "/close/always",
}


@pytest.fixture(scope="session")
def chains(running: Running, customer: Customer, receiver: Receiver) -> Iterator[dict[str, Chain]]:
    """Deliveries with retries take up to 45 s. All start at once, and each test waits for its own."""
    begun = {}
    with Machine() as machine:
        for name, path in PATHS.items():
            ref_id = customer.profile(name, social=receiver.url(path), secret=SECRET)
            event = {**SAMPLES["social-unlink-system"], "refId": ref_id}
            sent = time.time()
            begun[name] = Chain(name, path, running.send(event), event, sent, machine)
        yield begun
