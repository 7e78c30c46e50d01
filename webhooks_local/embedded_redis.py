"""A Redis of our own, for one machine: on 127.0.0.1, behind a password, every write kept in a file."""

from __future__ import annotations

import contextlib
import json
import subprocess
import time
from pathlib import Path
from typing import Self
from urllib.parse import quote

import redis

from webhooks_local.child_process import signals_blocked, tethered
from webhooks_local.ports import free_port
from webhooks_local.private_files import make_private_directory
from webhooks_local.redis_program import NoRedisProgramError, redis_program

_START_SECONDS = 30.0  # a long append-only file takes a while to load
_STOP_SECONDS = 10.0

_CONFIGURATION = """\
bind 127.0.0.1
port {port}
requirepass {password}
dir {directory}
appendonly yes
appendfsync everysec
# Plain commands instead of a snapshot at the head of the file: any version of Redis or Valkey reads it.
aof-use-rdb-preamble no
save ""
maxmemory-policy noeviction
"""


class RedisFailedError(Exception):
    """The embedded Redis did not start; the message says why, with the end of its log."""


class EmbeddedRedis:
    """One Redis server with its data in a directory. As a context manager it starts and stops it.

    Args:
        directory: where data and log are; made if missing.
        password: asked of every client.

    Attributes:
        log: the path of its log.
        lost: whether it has ended by itself.
    """

    def __init__(self, directory: Path, password: str) -> None:
        self._directory = directory.absolute()
        self.log = self._directory / "redis.log"
        self._password = password
        self._port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._stopping = False
        self.lost = False

    @property
    def url(self) -> str:
        """The REDIS_URL of this server, password included; known before it has started."""
        return f"redis://:{quote(self._password, safe='')}@{self.address}/0"

    @property
    def address(self) -> str:
        """Host and port of this server; known before it has started."""
        return f"127.0.0.1:{self._port}"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start the server and wait until it answers.

        Raises:
            RedisFailedError: there is no server program, or it did not answer within 30 s.
        """
        make_private_directory(self._directory)
        try:
            command = tethered([redis_program(), "-"])
        except NoRedisProgramError as error:
            raise RedisFailedError(str(error)) from error
        try:
            # In a session of its own: a Ctrl-C at the terminal must not reach it before the workers have stopped.
            with self.log.open("wb") as log, signals_blocked():
                self._process = subprocess.Popen(  # noqa: S603 - a list, no shell
                    command, stdin=subprocess.PIPE, stdout=log, stderr=log, start_new_session=True
                )
            self._configure(self._process)
            self._wait_until_it_answers(self._process)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop the server: SIGTERM, at which it writes down everything, and SIGKILL after 10 s."""
        if self._process is None:
            return
        self._stopping = True
        self._process.terminate()
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def wait(self) -> None:
        """Return when the server has ended; `lost` then says whether by itself."""
        if self._process is not None:
            self._process.wait()
            self.lost = not self._stopping

    def _configure(self, process: subprocess.Popen[bytes]) -> None:
        """Hand over the configuration by standard input: arguments are for everybody to see in `ps`."""
        configuration = _CONFIGURATION.format(
            port=self._port, password=_quoted(self._password), directory=_quoted(str(self._directory))
        )
        assert process.stdin is not None  # noqa: S101 - for mypy; it is a pipe
        with contextlib.suppress(BrokenPipeError), process.stdin as pipe:  # if it has ended, its log says why
            pipe.write(configuration.encode())

    def _wait_until_it_answers(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + _START_SECONDS
        with redis.Redis.from_url(self.url, socket_timeout=1) as client:
            while time.monotonic() < deadline and process.poll() is None:
                try:
                    client.ping()
                except redis.RedisError:  # not listening yet, or loading its data
                    time.sleep(0.02)
                else:
                    return
        tail = "\n".join(self.log.read_text(errors="replace").splitlines()[-10:])
        raise RedisFailedError(f"the embedded Redis did not start; the end of {self.log}:\n{tail}")


def _quoted(value: str) -> str:
    """Return `value` as a quoted word of a Redis configuration, whose escapes are JSON's."""
    return json.dumps(value, ensure_ascii=False)
