"""A Redis server for one machine: on 127.0.0.1, with a password, every write stored in a file."""

from __future__ import annotations

import contextlib
import json
import subprocess
import time
from pathlib import Path
from typing import Self
from urllib.parse import quote

import redis

from webhooks_local.child_process import ending_with_parent, signals_blocked
from webhooks_local.ports import free_port
from webhooks_local.private_files import make_private_directory
from webhooks_local.redis_program import NoRedisProgramError, redis_program

_START_SECONDS = 30.0  # loading a long append-only file takes time
_STOP_SECONDS = 10.0

_CONFIGURATION = """\
bind 127.0.0.1
port {port}
requirepass {password}
dir {directory}
appendonly yes
appendfsync everysec
# Plain commands instead of a snapshot at the beginning of the file: every version of Redis or Valkey reads them.
aof-use-rdb-preamble no
save ""
maxmemory-policy noeviction
"""


class RedisFailedError(Exception):
    """The embedded Redis did not start; the message contains the reason and the end of its log."""


class EmbeddedRedis:
    """A Redis server with its data in a directory. The context manager starts and stops it.

    Args:
        directory: contains the data and the log; made if missing.
        password: required from every client.

    Attributes:
        log: the path of the log.
        lost: whether the server has ended by itself.
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
        """The REDIS_URL of this server, with the password; known before it has started."""
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
            RedisFailedError: there is no server program, or the server did not answer within 30 s.
        """
        make_private_directory(self._directory)
        try:
            command = ending_with_parent([redis_program(), "-"])
        except NoRedisProgramError as error:
            raise RedisFailedError(str(error)) from error
        try:
            # In its own session, because a Ctrl-C at the terminal must not stop it before the workers.
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
        """Stop the server with SIGTERM, at which it stores all data, and with SIGKILL after 10 s."""
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
        """Wait until the server has ended; `lost` then says whether it ended by itself."""
        if self._process is not None:
            self._process.wait()
            self.lost = not self._stopping

    def _configure(self, process: subprocess.Popen[bytes]) -> None:
        """Pass the configuration by standard input, because every user can see arguments in `ps`."""
        configuration = _CONFIGURATION.format(
            port=self._port, password=_quoted(self._password), directory=_quoted(str(self._directory))
        )
        assert process.stdin is not None  # noqa: S101 - for mypy; it is a pipe
        with (
            contextlib.suppress(BrokenPipeError),
            process.stdin as pipe,
        ):  # if the server has ended, its log says why
            pipe.write(configuration.encode())

    def _wait_until_it_answers(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + _START_SECONDS
        with redis.Redis.from_url(self.url, socket_timeout=1) as client:
            while time.monotonic() < deadline and process.poll() is None:
                try:
                    client.ping()
                except redis.RedisError:  # it is not listening yet, or loads its data
                    time.sleep(0.02)
                else:
                    return
        tail = "\n".join(self.log.read_text(errors="replace").splitlines()[-10:])
        raise RedisFailedError(f"the embedded Redis did not start; the end of {self.log}:\n{tail}")


def _quoted(value: str) -> str:
    """Return `value` as a quoted string of a Redis configuration, which has the escapes of JSON."""
    return json.dumps(value, ensure_ascii=False)
