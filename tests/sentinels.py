"""A primary, its replicas and three Sentinels, as real processes on this machine."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path
from typing import Any, Self

from redis import Redis, RedisError

from running import wait_until
from webhooks_local.child_process import ending_with_parent
from webhooks_local.ports import free_port
from webhooks_local.redis_program import redis_program

SERVICE = "Ringback-Test"  # with capitals, which the host of a URL would lose
PASSWORD = "p@ss/word;1"
SENTINEL_PASSWORD = "s:entinel"
QUOTED = {"p@ss/word;1": "p%40ss%2Fword%3B1", "s:entinel": "s%3Aentinel"}

_SERVER = """\
bind 127.0.0.1
port {port}
dir {directory}
requirepass {password}
masterauth {password}
appendonly yes
save ""
repl-diskless-sync-delay 0
"""
_SENTINEL = """\
bind 127.0.0.1
port {port}
dir {directory}
requirepass {sentinel_password}
sentinel monitor {service} 127.0.0.1 {primary} 2
sentinel auth-pass {service} {password}
sentinel down-after-milliseconds {service} 1000
sentinel failover-timeout {service} 5000
"""


class Sentinels:
    """The whole group; as a context manager it starts and stops it.

    Args:
        replicas: the number of replicas.

    Attributes:
        url: the REDIS_URL.
        servers: the ports of the primary and its replicas; the first is the primary at the start.
        sentinels: the ports of the Sentinels.
    """

    def __init__(self, directory: Path, replicas: int = 1) -> None:
        self._directory = directory
        self._processes: dict[int, subprocess.Popen[bytes]] = {}
        self.servers = tuple(free_port() for _ in range(1 + replicas))
        self.sentinels = (free_port(), free_port(), free_port())
        addresses = ",".join(f"127.0.0.1:{port}" for port in self.sentinels)
        self.url = (
            f"redis+sentinel://:{QUOTED[PASSWORD]}@{addresses}/{SERVICE}/3"
            f"?sentinel_password={QUOTED[SENTINEL_PASSWORD]}"
        )

    def __enter__(self) -> Self:
        try:
            for port in self.servers:
                self.start(port)
            wait_until(lambda: all(map(self._replicates, self.servers[1:])), 10, "replicating")
            for port in self.sentinels:
                self._start(port, _SENTINEL, "--sentinel")
            wait_until(lambda: all(self._knows_all(port) for port in self.sentinels), 10, "in touch")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        for port in list(self._processes):
            self.kill(port)

    @property
    def primary(self) -> int:
        """The port of the server that most Sentinels report as the primary."""
        answers: list[int] = [self._ask(port)["port"] for port in self.sentinels]
        return max(answers, key=answers.count)

    def client(self, port: int) -> Redis:
        """Return a client of one server."""
        return Redis(port=port, db=3, password=PASSWORD, socket_timeout=1, decode_responses=True)

    def start(self, port: int) -> None:
        """Start a server; it replicates the first one, unless it is the first."""
        replicates = "" if port == self.servers[0] else f"replicaof 127.0.0.1 {self.servers[0]}\n"
        self._start(port, _SERVER + replicates)

    def kill(self, port: int) -> None:
        """Kill a server or a Sentinel as a crash does."""
        process = self._processes.pop(port)
        process.kill()
        process.wait()

    def hand_over(self) -> None:
        """Make a replica the primary, while the old one still runs and accepts writes for a moment."""
        with self._sentinel(self.sentinels[0]) as sentinel:
            sentinel.execute_command("SENTINEL", "FAILOVER", SERVICE)

    def freeze(self, *ports: int) -> None:
        """Freeze them: they accept connections and do not answer."""
        for port in ports:
            os.kill(self._processes[port].pid, signal.SIGSTOP)

    def thaw(self, *ports: int) -> None:
        """Let them continue."""
        for port in ports:
            os.kill(self._processes[port].pid, signal.SIGCONT)

    def _start(self, port: int, configuration: str, *arguments: str) -> None:
        directory = self._directory / str(port)
        directory.mkdir(parents=True, exist_ok=True)
        file = directory / "redis.conf"
        if not file.exists():  # otherwise the Sentinels have written their state into it
            values = {
                "password": f'"{PASSWORD}"',
                "sentinel_password": f'"{SENTINEL_PASSWORD}"',
                "service": SERVICE,
            }
            file.write_text(
                configuration.format(port=port, directory=directory, primary=self.servers[0], **values)
            )
        with (directory / "log").open("ab") as log:
            command = ending_with_parent([redis_program(), str(file), *arguments])
            self._processes[port] = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)

    def _replicates(self, port: int) -> bool:
        try:
            with self.client(port) as client:
                return bool(client.info("replication")["master_link_status"] == "up")
        except RedisError:
            return False

    def _knows_all(self, port: int) -> bool:
        try:
            state = self._ask(port)
        except RedisError:
            return False
        return bool(state["num-other-sentinels"] == 2 and state["num-slaves"] == len(self.servers) - 1)

    def _sentinel(self, port: int) -> Redis:
        return Redis(port=port, password=SENTINEL_PASSWORD, socket_timeout=1, decode_responses=True)

    def _ask(self, port: int) -> dict[str, Any]:
        with self._sentinel(port) as sentinel:
            state: dict[str, Any] = sentinel.sentinel_master(SERVICE)
            return state
