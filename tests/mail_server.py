"""A real SMTP server as a process, which can be stopped, restarted and frozen."""

from __future__ import annotations

import email
import email.policy
import json
import smtplib
import subprocess
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Any, Self

from running import ROOT, wait_until
from webhooks_local.child_process import ending_with_parent
from webhooks_local.fleet import frozen
from webhooks_local.ports import free_port


@dataclass(frozen=True)
class Taken:
    """An e-mail that the server has accepted.

    Attributes:
        content: the bytes that were sent.
        user: the user that was logged in, if any.
    """

    sender: str
    recipients: list[str]
    content: str
    tls: bool
    user: str | None

    @property
    def message(self) -> EmailMessage:
        """The message, parsed as a mail program does."""
        message = email.message_from_string(self.content.replace("\r\n", "\n"), policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        return message


class MailServer:
    """The server; as a context manager it starts and stops it.

    Args:
        directory: the directory for its files.
        options: those of `mail_server_process`.

    Attributes:
        port: its port, which stays the same after a restart.
    """

    def __init__(self, directory: Path, **options: Any) -> None:
        self.port = free_port()
        self._taken = directory / f"taken-{self.port}"
        self._log = directory / f"mail-server-{self.port}.log"
        self._options = {"port": self.port, "taken": str(self._taken), **options}
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self.end()

    def start(self, **changes: Any) -> None:
        """Start the server, with some options changed this time, and wait until it listens."""
        options = json.dumps(self._options | changes)
        program = [sys.executable, str(ROOT / "tests/mail_server_process.py"), options]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                ending_with_parent(program), cwd=ROOT, stdout=log, stderr=log, start_new_session=True
            )
        wait_until(self._listens, 30, f"listening; see {self._log}")

    def end(self) -> None:
        """Stop the server; its port is closed then."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()
        self._process = None

    @contextmanager
    def changed(self, **changes: Any) -> Iterator[None]:
        """Change options for the duration of the block. The server is restarted before and after."""
        self.end()
        self.start(**changes)
        try:
            yield
        finally:
            self.end()
            self.start()

    def frozen(self) -> AbstractContextManager[None]:
        """Freeze the server: it accepts connections and does not answer."""
        assert self._process is not None
        return frozen(self._process.pid)

    def taken(self) -> list[Taken]:
        """Return the e-mails that it has accepted so far."""
        lines = self._taken.read_text().splitlines() if self._taken.exists() else []
        return [Taken(**json.loads(line)) for line in lines]

    def _listens(self) -> bool:
        connect = smtplib.SMTP_SSL if self._options.get("implicit_tls") else smtplib.SMTP
        try:
            connect("127.0.0.1", self.port, timeout=5).close()
        except OSError:
            return False
        return True
