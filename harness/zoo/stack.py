"""A whole Ringback, with a Redis and a customer of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Self

from harness.customer import Customer
from webhooks_client import Client, Receipt
from webhooks_local.embedded_redis import EmbeddedRedis
from webhooks_local.fleet import Fleet, fleet_environment, procfile_lines
from webhooks_local.ports import free_port
from webhooks_local.run.banner import wait_until_ready

ADMIN_KEY = "zoo-admin-key"
PRODUCER_KEY = "zoo-producer-key"


class StackBrokenError(Exception):
    """It does not do what it should, or a process of it has ended; the message says what."""


class Stack:
    """API, one worker and beat. A context manager.

    Args:
        directory: for data and logs; made if missing.
        authority: PEM file of the receivers' authority.
        settings: environment variables to change.

    Attributes:
        customer: whose receivers are called.
    """

    customer: Customer

    def __init__(self, directory: Path, authority: Path, settings: Mapping[str, str]) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        port = free_port()
        self._url = f"http://127.0.0.1:{port}"
        self._redis = EmbeddedRedis(directory / "redis", "zoo")
        environment = fleet_environment(self._redis.url, port, authority, ADMIN_KEY, PRODUCER_KEY)
        self._fleet = Fleet(procfile_lines(), {**environment, **settings}, directory)
        self._client = Client(self._url, PRODUCER_KEY)
        self._closing = ExitStack()

    def __enter__(self) -> Self:
        try:
            self._start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End everything at once; nothing here is worth a farewell."""
        self._closing.close()

    def send(self, ref_ids: Sequence[str], padding: int) -> list[str]:
        """Hand in an event for each of these profiles, some bytes longer than need be; returns their hookIds."""
        event = {"action": "social", "type": "link", "platform": "instagram", "displayName": "x" * padding}
        results = self._client.send_many({**event, "refId": ref_id} for ref_id in ref_ids)
        return [str(result.hook_id) for result in results if isinstance(result, Receipt)]

    @property
    def worker(self) -> int:
        """The worker's process id."""
        return self._fleet.pid("worker")

    def check(self) -> None:
        """Check that every process still runs.

        Raises:
            StackBrokenError: one does not.
        """
        if ended := [name for name, _ in self._fleet.take_ended()]:
            raise StackBrokenError(f"{', '.join(ended)} ended")

    def _start(self) -> None:
        for close in (self._redis.stop, self._fleet.close, self._client.close):
            self._closing.callback(close)
        self._redis.start()
        for name in ("web", "worker", "beat"):
            self._fleet.start(name)
        wait_until_ready(self._url, given_up=lambda: not self._fleet.all_run)
        self.customer = Customer(self._url, ADMIN_KEY, "Zoo")
