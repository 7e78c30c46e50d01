"""A supervisor like systemd: a process that ends is restarted a second later."""

from __future__ import annotations

import threading
import time

from webhooks_local.fleet import Fleet, FleetClosedError

RESTART_SECONDS = 1.0
_PAUSE = 0.1


class Supervisor:
    """Watches a fleet from its start to its stop.

    Attributes:
        deaths: the names of processes that ended by themselves.
    """

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet
        self._stopping = threading.Event()
        self._due: dict[str, float] = {}
        self._thread = threading.Thread(target=self._run, name="supervisor", daemon=True)
        self.deaths: list[str] = []

    def start(self) -> None:
        """Start to watch."""
        self._thread.start()

    def stop(self) -> None:
        """Restart nothing from now on."""
        self._stopping.set()
        self._thread.join()

    @property
    def idle(self) -> bool:
        """Whether every process runs, and none waits for its restart."""
        return self._fleet.all_run and not self._due

    def _run(self) -> None:
        while not self._stopping.wait(_PAUSE):
            for name, killed in self._fleet.take_ended():
                self._due[name] = time.monotonic() + RESTART_SECONDS
                if not killed:
                    self.deaths.append(name)
            for name in [name for name, due in self._due.items() if due <= time.monotonic()]:
                try:
                    self._fleet.start(name)
                except FleetClosedError:
                    return
                del self._due[name]
