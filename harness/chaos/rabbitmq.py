"""A RabbitMQ as a real process on this machine; its program must be on PATH."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self
from urllib.parse import quote

from kombu import Connection

from webhooks_local.child_process import ending_with_parent
from webhooks_local.fleet import wait_until
from webhooks_local.ports import free_port

#: The server's program; None if it is not installed. Debian's wrapper on PATH changes the user if root starts it,
#: and then cannot write to our directory.
PROGRAM = shutil.which("rabbitmq-server", path=f"/usr/lib/rabbitmq/bin:{os.environ.get('PATH', os.defpath)}")


class RabbitMQ:
    """One RabbitMQ server with its data in a directory. As a context manager it starts and stops it.

    Args:
        user: its user.
        password: the password of the user.
        vhost: its only virtual host.

    Attributes:
        url: the WEBHOOKS_BROKER_URL.
        port: its port on 127.0.0.1.
    """

    def __init__(self, directory: Path, user: str = "guest", password: str = "guest", vhost: str = "/") -> None:  # noqa: S107 - what a new server has
        self._directory = directory
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        user_info, path = f"{quote(user, safe='')}:{quote(password, safe='')}", quote(vhost, safe="")
        self.url = f"amqp://{user_info}@127.0.0.1:{self.port}/{path}"
        self._environment = {
            **os.environ,
            "HOME": str(directory),  # where Erlang keeps its cookie
            "RABBITMQ_DEFAULT_USER": user,
            "RABBITMQ_DEFAULT_PASS": password,
            "RABBITMQ_DEFAULT_VHOST": vhost,
            "RABBITMQ_NODENAME": f"ringback-{self.port}@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_DIST_PORT": str(free_port()),
            "RABBITMQ_MNESIA_BASE": str(directory / "data"),
            "RABBITMQ_LOGS": "-",
            "RABBITMQ_CONFIG_FILE": str(directory / "rabbitmq"),  # there is none
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(directory / "plugins"),  # none either
        }

    def __enter__(self) -> Self:
        self._directory.mkdir()
        try:
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self.kill()

    def start(self) -> None:
        """Start it and wait until it answers."""
        assert PROGRAM is not None  # noqa: S101 - callers have checked
        with (self._directory / "log").open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - a list, no shell
                ending_with_parent([PROGRAM]),
                env=self._environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        wait_until(self._answers, 60, f"answering; see {self._directory / 'log'}")

    def kill(self) -> None:
        """Kill it as a crash does."""
        assert self._process is not None  # noqa: S101 - for mypy; it was started
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._process = None

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Freeze it: it accepts connections and does not answer."""
        assert self._process is not None  # noqa: S101 - for mypy; it was started
        os.killpg(self._process.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.killpg(self._process.pid, signal.SIGCONT)

    def _answers(self) -> bool:
        try:
            with Connection(self.url, connect_timeout=1) as connection:
                connection.connect()
        except OSError:
            return False
        return True
