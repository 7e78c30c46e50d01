"""Fixtures of the tests of use cases."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from cryptography.fernet import Fernet

from doubles import LedgerWithOutages, RecordedCalls, RecordedIds
from stores import Store
from webhooks.deliveries.claimer import AttemptLimits
from webhooks.deliveries.dispatch import Dispatcher
from webhooks.http.call import Outcome
from webhooks.signing.secret_box import SecretBox
from webhooks.store.connection import Client


class Scene:
    """An account with a webhook for `social`, and everything that a worker needs to call it."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.profile = store.account("Acme", social="https://hooks.example/")
        self.ledger = LedgerWithOutages(store.ledger)
        self.calls = RecordedCalls()
        self.publish_ids = RecordedIds()
        self.box = SecretBox([Fernet.generate_key().decode()])

    def dispatcher(self, in_flight: int = 1000, **waits: float) -> Dispatcher:
        """Return the dispatcher of a worker that has just started; `waits` are those of `AttemptLimits`."""
        waits = {"storage_pause": 0.01, **waits}
        limits = AttemptLimits(timeout=10, retry_delays=(5.0, 30.0), in_flight=in_flight, **waits)
        return Dispatcher(self.ledger, self.calls, self.box, self.publish_ids, limits)

    @contextmanager
    def worker(self, in_flight: int = 1000, **waits: float) -> Iterator[Dispatcher]:
        """Yield a dispatcher; at the end all its calls have ended and are recorded."""
        dispatcher = self.dispatcher(in_flight, **waits)
        yield dispatcher
        assert dispatcher.close(timeout=5)

    def attempt(self, hook_id: str, outcome: Outcome) -> None:
        """Make an attempt with this outcome."""
        with self.worker() as worker:
            assert worker.deliver([hook_id]) == 1
            self.calls.end(outcome)

    def owed(self, count: int) -> list[str]:
        """Return the hookIds of this many due deliveries."""
        return [self.store.owed(self.profile) for _ in range(count)]


@pytest.fixture
def store(real_redis: Client) -> Store:
    """On a real server, which runs the scripts of the ledger twenty times as fast as fakeredis."""
    return Store(real_redis)


@pytest.fixture
def scene(store: Store) -> Scene:
    return Scene(store)
