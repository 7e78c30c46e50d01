"""Ringback as real processes, from the lines of the Procfile and on a real Redis, for the acceptance tests."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import requests

from webhooks_local.fleet import Fleet, fleet_environment, procfile_lines, wait_until
from webhooks_local.machine import Machine
from webhooks_local.ports import free_port
from webhooks_local.run.banner import base_url

__all__ = ["ADMIN_KEY", "HUNG", "PRODUCER_KEY", "ROOT", "Customer", "Running", "wait_until"]

ROOT = Path(__file__).parent.parent
ADMIN_KEY = "acceptance-admin-key"
PRODUCER_KEY = "acceptance-producer-key"
#: Seconds that the processes have to stop at the end of a test.
STOP_TIMEOUT = 20
#: Seconds from SIGTERM within which a worker must end.
STOPPED_WITHIN = 15
#: Seconds after which a step counts as unresponsive, even on the slowest machine.
HUNG = 120


class Running:
    """API, worker and beat, each started by its line of the Procfile.

    Args:
        redis_url: an empty database.
        ca: PEM file of the CA of the receivers.
        logs: the directory for the output of the processes.
        processes: the lines to start.
        open_files: the limit of open files of each process; the limit of the tests if None.
        settings: environment variables to change.
    """

    def __init__(
        self,
        redis_url: str,
        ca: Path,
        logs: Path,
        processes: tuple[str, ...] = ("web", "worker", "beat"),
        open_files: int | None = None,
        **settings: str,
    ) -> None:
        self.port = free_port()
        self.url = base_url(settings.get("WEBHOOKS_HOST", "127.0.0.1"), self.port)
        self._logs = logs
        self._names = processes
        environment = fleet_environment(redis_url, self.port, ca, ADMIN_KEY, PRODUCER_KEY)
        lines = {name: _limited(line, open_files) for name, line in procfile_lines().items()}
        self.fleet = Fleet(lines, {**environment, **settings}, logs)

    def __enter__(self) -> Self:
        for name in self._names:
            self.start(name)
        path = "/readyz" if "worker" in self._names else "/healthz"
        try:
            wait_until(lambda: self._answers(path), HUNG, f"answering {path}; see {self._logs}")
        except TimeoutError:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.fleet.close(STOP_TIMEOUT)

    def start(self, name: str) -> None:
        """Start a line of the Procfile."""
        self.fleet.start(name)

    def wait_for_end(self, name: str, deadline: float) -> int:
        """Wait for a process to end by itself, and return its exit code.

        Raises:
            subprocess.TimeoutExpired: it still runs after `deadline` seconds.
        """
        return self.fleet.wait_for_end(name, deadline)

    def stop(self, name: str, deadline: float) -> int:
        """Send SIGTERM to a process and return its exit code.

        Raises:
            subprocess.TimeoutExpired: it still runs after `deadline` seconds.
        """
        return self.fleet.stop(name, deadline)

    def stop_in_time(self, name: str) -> int:
        """Send SIGTERM to a process, check that it ends in time, and return its exit code."""
        with Machine() as machine:
            code = self.fleet.stop(name, HUNG)
        assert machine.seconds < STOPPED_WITHIN + machine.slack
        return code

    def log(self, name: str) -> str:
        """Return the output of a process so far."""
        return self.fleet.log(name)

    def call(
        self, method: str, path: str, key: str, body: Any = None, headers: Mapping[str, str] | None = None
    ) -> requests.Response:
        """Call the API."""
        headers = {"Authorization": f"Bearer {key}", **(headers or {})}
        return requests.request(method, self.url + path, json=body, headers=headers, timeout=HUNG)

    def send(self, event: Mapping[str, Any]) -> str:
        """Send an event as the producer, and return its hookId."""
        answer = self.call("POST", "/api/events", PRODUCER_KEY, event)
        assert answer.status_code == 202, answer.text
        return str(answer.json()["hookId"])

    def _answers(self, path: str) -> bool:
        try:
            return requests.get(self.url + path, timeout=2).status_code == 200
        except requests.RequestException:
            return False


def _limited(line: str, open_files: int | None) -> str:
    """Return a line of the Procfile with a limit of open files."""
    return line if open_files is None else f"sh -c {shlex.quote(f'ulimit -n {open_files}; exec {line}')}"


class Customer:
    """An account on a running system."""

    def __init__(self, running: Running) -> None:
        self._running = running
        answer = running.call(
            "POST",
            "/api/admin/accounts",
            ADMIN_KEY,
            {"title": "Acme", "email": "ops@acme.example", "plan": "enterprise", "addOns": ["messaging"]},
        ).json()
        self.ref_id: str = answer["refId"]
        self.key: str = answer["apiKey"]

    def call(self, method: str, path: str, body: Any = None, profile_key: str | None = None) -> dict[str, Any]:
        """Call the API and return its answer."""
        headers = {"Profile-Key": profile_key} if profile_key else {}
        answer: dict[str, Any] = self._running.call(method, path, self.key, body, headers).json()
        return answer

    def profile(self, title: str, **webhooks: str) -> str:
        """Create a user profile with these webhooks by action, and return its refId.

        A keyword `secret` sets the signing secret.
        """
        created = self.call("POST", "/api/profiles", {"title": title})
        secret = {"secret": webhooks.pop("secret")} if "secret" in webhooks else {}
        for action, url in webhooks.items():
            body = {"action": action, "url": url, **secret}
            answer = self.call("POST", "/api/hook/webhook", body, created["profileKey"])
            assert answer["status"] == "success", answer
        return str(created["refId"])

    def delivery(self, hook_id: str) -> dict[str, Any]:
        """Return a delivery with its log."""
        return self.call("GET", f"/api/hook/deliveries/{hook_id}")

    def wait_for_state(self, hook_id: str, state: str, deadline: float) -> dict[str, Any]:
        """Wait until a delivery is in `state`, and return it."""
        wait_until(
            lambda: self.delivery(hook_id).get("state") == state, deadline, f"{state}: {self.delivery(hook_id)}"
        )
        return self.delivery(hook_id)
