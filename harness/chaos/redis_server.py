"""A Redis server that can be killed and restarted with its data."""

from __future__ import annotations

import os
import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import redis

from webhooks_local.embedded_redis import EmbeddedRedis


class RedisServer:
    """The embedded Redis with its append-only file.

    Attributes:
        pid: the process id of the running server.
        client: a client for the harness.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._server = EmbeddedRedis(directory, "chaos")
        self.client: redis.Redis = redis.Redis.from_url(self.url, socket_timeout=10)
        self.pid = 0

    @property
    def url(self) -> str:
        """The URL for the processes."""
        return self._server.url

    @property
    def port(self) -> int:
        """The port."""
        return urlsplit(self.url).port or 0

    def start(self) -> None:
        """Start it, and wait until it has loaded its data."""
        self._server.start()
        self.pid = int(self.client.info("server")["process_id"])

    def stop(self) -> None:
        """Stop it in an orderly way."""
        self._server.stop()

    def kill(self) -> None:
        """Kill it with SIGKILL."""
        os.kill(self.pid, signal.SIGKILL)
        self._server.stop()  # it is gone, and this notices it

    def close(self) -> None:
        """Stop it and close the client."""
        self.client.close()
        self._server.stop()

    @contextmanager
    def disk_full(self) -> Iterator[None]:
        """Prevent writes to its append-only file for the duration of the block."""
        size = max(file.stat().st_size for file in self._directory.glob("appendonlydir/*.aof"))
        before = resource.prlimit(self.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(self.pid, resource.RLIMIT_FSIZE, (size, before[1]))
        try:
            yield
        finally:
            resource.prlimit(self.pid, resource.RLIMIT_FSIZE, before)
