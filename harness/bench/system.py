"""A measured system: its processes, started for one measurement and stopped after it."""

from __future__ import annotations

import shutil
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

import redis

from harness.bench.cpu import cpu_seconds
from harness.bench.events import requests_for
from harness.bench.load import Order
from harness.bench.sending import Sent, send
from harness.bench.target import Target
from harness.stack import PRODUCER_KEY, Stack
from webhooks_local.embedded_redis import EmbeddedRedis
from webhooks_local.fleet import frozen
from webhooks_local.run.banner import wait_until_ready

#: The maximum number of requests in flight: when each follows an answer, and when they are sent at a steady rate,
#: where none may wait for a connection.
BUSY_CONNECTIONS, STEADY_CONNECTIONS = 64, 256
#: Seconds within which the first events must arrive.
_WARM_SECONDS = 30.0
_FEWEST_TO_WARM = 64


class System(Stack):
    """API, workers and a Redis with its append-only file. A context manager.

    Args:
        directory: the directory for data and logs; created if missing.
        urls: the URLs of the webhooks.
        settings: environment variables to change.
        workers: the number of workers.

    Attributes:
        ref_ids: the profile for each URL.
        redis: a Redis client for the harness.
    """

    #: The path to which events are posted.
    path: str
    ref_ids: Sequence[str]

    def __init__(
        self,
        directory: Path,
        target: Target,
        urls: Sequence[str],
        settings: Mapping[str, str] | None = None,
        workers: int = 1,
    ) -> None:
        directory.mkdir(parents=True)
        self.directory = directory  # `settings` may name a file in it
        self.urls = urls
        self.target = target
        self.worker_names = [f"worker-{number}" for number in range(1, workers + 1)]
        self._server = EmbeddedRedis(directory / "redis", "bench")
        self.redis: redis.Redis = redis.Redis.from_url(self._server.url)
        changed = {**self.settings(), **(settings or {})}
        super().__init__(directory, self._server.url, target.receiver.authority, changed, lines=self.lines())

    @abstractmethod
    def lines(self) -> Mapping[str, str]:
        """Return the commands of its processes."""

    @abstractmethod
    def settings(self) -> Mapping[str, str]:
        """Return its environment variables, besides those of both systems."""

    @abstractmethod
    def names(self) -> Mapping[str, Sequence[str]]:
        """Return the names of its processes by kind."""

    @abstractmethod
    def start_processes(self) -> None:
        """Start its processes, and set `ref_ids`."""

    def start(self) -> None:
        """Start everything, and send the first events."""
        for close in (self._forget, self.redis.close, self._server.stop, self.fleet.close):
            self.closing.callback(close)
        self._server.start()
        self._redis_pid = int(self.redis.info("server")["process_id"])
        self.start_processes()
        self._warm_up()

    def send(
        self,
        events: int,
        batch: int = 1,
        rate: float | None = None,
        ref_ids: Sequence[str] | None = None,
    ) -> Sent:
        """Send events about each of the profiles in turn, and return when all are accepted.

        Args:
            batch: the events in a request.
            rate: requests per second; as fast as they are answered if None.
            ref_ids: other profiles than those for the URLs.

        Raises:
            LoadFailedError: some were not.
        """
        bodies = requests_for(ref_ids or self.ref_ids, batch)
        connections = BUSY_CONNECTIONS if rate is None else STEADY_CONNECTIONS
        return send(Order(self.url + self.path, PRODUCER_KEY, bodies, events // batch, connections, rate), batch)

    def workers_frozen(self) -> AbstractContextManager[None]:
        """Freeze the workers for the duration of the block."""
        return frozen(*(self.fleet.pid(name) for name in self.worker_names))

    def sessions(self, kind: str) -> list[int]:
        """Return the sessions of the processes of a kind in `names`."""
        return [self.fleet.pid(name) for name in self.names()[kind]]

    def cpu_seconds(self) -> Mapping[str, float]:
        """Return the CPU time of the processes of each kind so far, including the receiver."""
        own = {kind: cpu_seconds(self.sessions(kind)) for kind in self.names()}
        return own | {"redis": cpu_seconds([self._redis_pid]), "receiver": self.target.receiver.cpu_seconds()}

    def wait_until_ready(self) -> None:
        """Wait until the API is ready."""
        wait_until_ready(self.url, given_up=lambda: not self.fleet.all_run)

    def _forget(self) -> None:
        """Remove the data, which may be gigabytes, and keep the output."""
        shutil.rmtree(self.directory / "redis", ignore_errors=True)

    def _warm_up(self) -> None:
        """Send a few events and wait for them, so that every process has warmed up."""
        calls = self.target.receiver.calls()
        sent = self.send(max(_FEWEST_TO_WARM, len(self.ref_ids)))
        calls.wait_for(sent.hook_ids, _WARM_SECONDS, attempts=1)  # some may go to receivers that fail
