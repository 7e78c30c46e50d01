"""A complete Ringback with its own Redis and customer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from harness.customer import Customer
from harness.stack import ADMIN_KEY, PRODUCER_KEY, Stack
from webhooks_client import Client, Receipt
from webhooks_local.embedded_redis import EmbeddedRedis
from webhooks_local.run.banner import wait_until_ready


class StackBrokenError(Exception):
    """It does not work, or one of its processes has ended; the message says which."""


class ZooStack(Stack):
    """API, one worker and beat. A context manager.

    Args:
        directory: the directory for data and logs; created if missing.
        authority: PEM file of the receivers' CA.
        settings: environment variables to change.

    Attributes:
        customer: the customer of the called receivers.
    """

    customer: Customer

    def __init__(self, directory: Path, authority: Path, settings: Mapping[str, str]) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self._redis = EmbeddedRedis(directory / "redis", "zoo")
        super().__init__(directory, self._redis.url, authority, settings)
        self._client = Client(self.url, PRODUCER_KEY)

    def send(self, ref_ids: Sequence[str], padding: int) -> list[str]:
        """Send an event for each of these profiles, with padding; returns their hookIds."""
        event = {"action": "social", "type": "link", "platform": "instagram", "displayName": "x" * padding}
        results = self._client.send_many({**event, "refId": ref_id} for ref_id in ref_ids)
        return [str(result.hook_id) for result in results if isinstance(result, Receipt)]

    @property
    def worker(self) -> int:
        """The process id of the worker."""
        return self.fleet.pid("worker")

    def check(self) -> None:
        """Check that every process still runs.

        Raises:
            StackBrokenError: one does not.
        """
        if ended := [name for name, _ in self.fleet.take_ended()]:
            raise StackBrokenError(f"{', '.join(ended)} ended")

    def start(self) -> None:
        """Start everything, and create the customer's account."""
        for close in (self._redis.stop, self.fleet.close, self._client.close):
            self.closing.callback(close)
        self._redis.start()
        for name in ("web", "worker", "beat"):
            self.fleet.start(name)
        wait_until_ready(self.url, given_up=lambda: not self.fleet.all_run)
        self.customer = Customer(self.url, ADMIN_KEY, "Zoo")
