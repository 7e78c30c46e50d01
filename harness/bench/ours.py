"""Ringback, as the Procfile has it, with everything switched on but the limits on how often it may be called."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from harness.bench.system import System
from harness.customer import Customer
from harness.stack import ADMIN_KEY
from webhooks_local.fleet import procfile_lines, wait_until

_THREADS = 8
#: Seconds in which a call that has been answered is recorded.
_RECORDED_SECONDS = 30.0


class Ours(System):
    """API, workers and beat."""

    path = "/api/events"
    _customer: Customer

    def lines(self) -> Mapping[str, str]:
        """Return the commands of its processes."""
        return procfile_lines()

    def settings(self) -> Mapping[str, str]:
        """Return the environment variables that it needs besides those that both have."""
        return {
            "WEBHOOKS_NAME_SERVERS": self.premises.name_server.address,
            "WEBHOOKS_INGEST_LIMIT": "0",
            "WEBHOOKS_API_LIMIT": "0",
        }

    def names(self) -> Mapping[str, Sequence[str]]:
        """Return the names of its processes by what they are."""
        return {"api": ["web"], "worker": self.worker_names, "beat": ["beat"]}

    def start_processes(self) -> None:
        """Start its processes, and make a profile for each URL."""
        for name in ("web", *self.worker_names, "beat"):
            self.fleet.start(name)
        self.wait_until_ready()
        self._customer, self.ref_ids = self._enrol(self.urls)

    def other_account(self, urls: Sequence[str]) -> Sequence[str]:
        """Make another account with a profile for each of these URLs; returns their refIds."""
        return self._enrol(urls)[1]

    def wait_until_delivered(self, hook_ids: Sequence[str]) -> None:
        """Return when the log calls these events of the first account delivered.

        Raises:
            TimeoutError: it does not in time.
        """
        for hook_id in hook_ids:
            wait_until(lambda: self._is_delivered(hook_id), _RECORDED_SECONDS, "recorded")  # noqa: B023 - used at once

    def _is_delivered(self, hook_id: str) -> bool:
        return bool(self._customer.delivery(hook_id)["state"] == "delivered")

    def _enrol(self, urls: Sequence[str]) -> tuple[Customer, Sequence[str]]:
        customer = Customer(self.url, ADMIN_KEY, "Bench")
        with ThreadPoolExecutor(_THREADS) as pool:
            return customer, list(pool.map(customer.profile, urls))
