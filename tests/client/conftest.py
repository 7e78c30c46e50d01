"""The service that the client calls in these tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from fake_clock import FakeClock
from scripted_service import KEY, ScriptedService
from webhooks_client import Client


@pytest.fixture
def service() -> Iterator[ScriptedService]:
    with ScriptedService().running() as running:
        yield running


@pytest.fixture
def fake_clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def client(service: ScriptedService, fake_clock: FakeClock) -> Iterator[Client]:
    with Client(service.url, KEY, clock=fake_clock.clock) as client:
        yield client
