"""Ringback as in the Procfile, with all features except rate limits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from harness.bench.system import System
from harness.customer import Customer
from harness.stack import ADMIN_KEY
from webhooks_local.fleet import procfile_lines, wait_until

_THREADS = 8
#: Seconds within which an answered call is recorded.
_RECORDED_SECONDS = 30.0


class Ringback(System):
    """API, workers and beat."""

    path = "/api/events"
    _customer: Customer

    def lines(self) -> Mapping[str, str]:
        """Return the commands of its processes."""
        return procfile_lines()

    def settings(self) -> Mapping[str, str]:
        """Return its environment variables, besides those of both systems."""
        return {
            "WEBHOOKS_NAME_SERVERS": self.target.name_server.address,
            "WEBHOOKS_INGEST_LIMIT": "0",
            "WEBHOOKS_API_LIMIT": "0",
        }

    def names(self) -> Mapping[str, Sequence[str]]:
        """Return the names of its processes by kind."""
        return {"api": ["web"], "worker": self.worker_names, "beat": ["beat"]}

    def start_processes(self) -> None:
        """Start its processes, and create a profile for each URL."""
        for name in ("web", *self.worker_names, "beat"):
            self.fleet.start(name)
        self.wait_until_ready()
        self._customer, self.ref_ids = self._enrol(self.urls)

    def other_account(self, urls: Sequence[str]) -> Sequence[str]:
        """Create another account with a profile for each of these URLs; returns their refIds."""
        return self._enrol(urls)[1]

    def wait_until_delivered(self, hook_ids: Sequence[str]) -> None:
        """Wait until the log shows these events of the first account as delivered.

        Raises:
            TimeoutError: some are not, in time.
        """
        for hook_id in hook_ids:
            wait_until(lambda: self._is_delivered(hook_id), _RECORDED_SECONDS, "recorded")  # noqa: B023 - used at once

    def _is_delivered(self, hook_id: str) -> bool:
        return bool(self._customer.delivery(hook_id)["state"] == "delivered")

    def _enrol(self, urls: Sequence[str]) -> tuple[Customer, Sequence[str]]:
        customer = Customer(self.url, ADMIN_KEY, "Bench")
        with ThreadPoolExecutor(_THREADS) as pool:
            return customer, list(pool.map(customer.profile, urls))
