"""A Redis server that can be killed and started again on its data."""

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
        pid: of the server that runs now.
        client: a client for the harness' own needs.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._server = EmbeddedRedis(directory, "chaos")
        self.client: redis.Redis = redis.Redis.from_url(self.url, socket_timeout=10)
        self.pid = 0

    @property
    def url(self) -> str:
        """Where the processes find it."""
        return self._server.url

    @property
    def port(self) -> int:
        """The port it listens on."""
        return urlsplit(self.url).port or 0

    def start(self) -> None:
        """Start it, and wait until it has its data."""
        self._server.start()
        self.pid = int(self.client.info("server")["process_id"])

    def stop(self) -> None:
        """Let it end in its own time."""
        self._server.stop()

    def kill(self) -> None:
        """End it by SIGKILL."""
        os.kill(self.pid, signal.SIGKILL)
        self._server.stop()  # it is gone; this takes note of it

    def close(self) -> None:
        """Stop it and forget the client."""
        self.client.close()
        self._server.stop()

    @contextmanager
    def disk_full(self) -> Iterator[None]:
        """Let it write no more to its append-only file for as long as the block takes."""
        size = max(file.stat().st_size for file in self._directory.glob("appendonlydir/*.aof"))
        before = resource.prlimit(self.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(self.pid, resource.RLIMIT_FSIZE, (size, before[1]))
        try:
            yield
        finally:
            resource.prlimit(self.pid, resource.RLIMIT_FSIZE, before)
