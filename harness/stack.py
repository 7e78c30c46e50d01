"""A running Ringback with its own Redis: the base of the stacks of bench, chaos and zoo."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Self

from webhooks_local.fleet import ROOT, Fleet, fleet_environment, procfile_lines
from webhooks_local.ports import free_port

ADMIN_KEY = "harness-admin-key"
PRODUCER_KEY = "harness-producer-key"


class Stack(ABC):
    """The processes, and what they need. A context manager.

    Args:
        directory: the directory for data and logs.
        redis_url: the Redis of the processes.
        authority: PEM file of the receivers' CA.
        settings: environment variables to change.
        lines: the commands of the processes; those of the Procfile if None.
        source: the checkout that the processes run.

    Attributes:
        url: the URL of the API.
        fleet: the processes.
    """

    def __init__(
        self,
        directory: Path,
        redis_url: str,
        authority: Path,
        settings: Mapping[str, str],
        *,
        lines: Mapping[str, str] | None = None,
        source: Path = ROOT,
    ) -> None:
        port = free_port()
        self.directory = directory
        self.url = f"http://127.0.0.1:{port}"
        environment = fleet_environment(redis_url, port, authority, ADMIN_KEY, PRODUCER_KEY)
        # Started in the checkout, the processes find its packages.
        self.fleet = Fleet(lines or procfile_lines(source), {**environment, **settings}, directory, source)
        self.closing = ExitStack()

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop everything at once."""
        self.closing.close()

    @abstractmethod
    def start(self) -> None:
        """Start everything, and register with `closing` how it is stopped."""
