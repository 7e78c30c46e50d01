"""A complete Ringback with its own Redis, receiver and customer."""

from __future__ import annotations

import sys
from pathlib import Path

import requests

from harness.chaos.clocks import ProcessClock
from harness.chaos.customer import Reader
from harness.chaos.journal import JournalReader
from harness.chaos.load import MIX, Notebook, Producer
from harness.chaos.proxy import Proxy
from harness.chaos.rabbitmq import RabbitMQ
from harness.chaos.redis_server import RedisServer
from harness.chaos.size import ChaosSize
from harness.chaos.sockets import children
from harness.chaos.supervisor import Supervisor
from harness.stack import ADMIN_KEY, PRODUCER_KEY, Stack
from webhooks_local.certificates import ensure_certificates
from webhooks_local.fleet import ROOT, procfile_lines, wait_until
from webhooks_local.ports import free_port

WORKERS = ("worker-1", "worker-2")
READY_SECONDS = 180.0


class ChaosStack(Stack):
    """API, two workers and beat. A context manager.

    The second worker uses Redis through a proxy, and has its own wall clock.

    Args:
        directory: the directory for data, logs and journals; created if missing.
        source: the checkout that the processes run.
        beat: whether there is a beat.
        rabbitmq: whether Celery's queues are in a RabbitMQ of this stack.

    Attributes:
        clock: the clock of the second worker.
        ref_ids: the profile for each path of the receiver.
    """

    def __init__(
        self, directory: Path, size: ChaosSize, source: Path = ROOT, *, beat: bool = True, rabbitmq: bool = False
    ) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self.redis = RedisServer(directory / "redis")
        self.rabbitmq = RabbitMQ(directory / "rabbitmq") if rabbitmq else None
        self.proxy = Proxy(self.redis.port)
        self.clock = ProcessClock(directory / "clock")
        self.journal = JournalReader(directory / "journal", size.timeout)
        self._names = ("web", *WORKERS, "beat") if beat else ("web", *WORKERS)
        certificates = ensure_certificates(directory)
        receiver_port = free_port()
        self._receiver_url = f"https://127.0.0.1:{receiver_port}"
        arguments = f"{certificates.receiver} {receiver_port} {directory}/journal"
        receiver = f"{sys.executable} -m harness.chaos.receiver {arguments}"
        source_first = {"PYTHONPATH": str(source)}
        broker = {"WEBHOOKS_BROKER_URL": self.rabbitmq.url} if self.rabbitmq else {}
        super().__init__(
            directory,
            self.redis.url,
            certificates.authority,
            {**source_first, **broker, **size.settings},
            lines=procfile_lines(source) | {"receiver": receiver},
            source=source,
        )
        self.supervisor = Supervisor(self.fleet)
        self._source = source

    @property
    def names(self) -> tuple[str, ...]:
        """The names of Ringback's processes."""
        return self._names

    def api_processes(self) -> list[int]:
        """The process ids of the API's workers, which answer requests."""
        return children(self.fleet.pid("web"))

    def producer(self, notebook: Notebook) -> Producer:
        """Return a producer of events for this stack."""
        return Producer(self.url, PRODUCER_KEY, self.ref_ids, notebook)

    def redis_url(self, port: int) -> str:
        """Return the URL of Redis through a proxy at `port`."""
        return self.redis.url.replace(f":{self.redis.port}/", f":{port}/")

    def wait_until_ready(self) -> None:
        """Wait until every process runs and the API is ready.

        Raises:
            TimeoutError: it is not, in time.
        """
        wait_until(self._is_ready, READY_SECONDS, f"ready; see {self.directory}")

    def start(self) -> None:
        """Start everything, and register the receiver's URLs."""
        for close in (self.journal.close, self.redis.close, self.fleet.close):
            self.closing.callback(close)
        self.redis.start()
        if self.rabbitmq:
            self.closing.enter_context(self.rabbitmq)
        self.closing.enter_context(self.proxy)
        self.supervisor.start()
        self.closing.callback(self.supervisor.stop)
        for name in (*self._names, "receiver"):
            self.fleet.start(name, **self._overrides(name))
        self.wait_until_ready()
        self.customer = Reader(self.url, ADMIN_KEY, "Chaos")
        paths = (*MIX, "hanging", "poison")
        self.ref_ids = {path: self.customer.profile(f"{self._receiver_url}/{path}") for path in paths}

    def _overrides(self, name: str) -> dict[str, str]:
        if name != WORKERS[1]:
            return {}
        return {
            "REDIS_URL": self.redis_url(self.proxy.port),
            **self.clock.environment(self._source),
        }

    def _is_ready(self) -> bool:
        try:
            answer = requests.get(f"{self.url}/readyz", timeout=5)
        except requests.RequestException:
            return False
        return answer.status_code == 200 and self.supervisor.idle
